function kit::twice($value) { [$value, $value] }
