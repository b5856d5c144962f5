# Names what it is given, by several signatures tried in order.
Puppet::Functions.create_function(:'kit::shape') do
  local_types do
    type 'Pair = Tuple[Scalar, Scalar]'
    type 'Names = Array[String[1], 1]'
  end

  dispatch :pair do
    param 'Pair', :value
  end
  dispatch :names do
    param 'Names', :value
    optional_param 'Enum[upcase, downcase]', :how
  end
  dispatch :port do
    param 'Kit::Port', :value
    repeated_param 'Kit::Port', :more
  end
  dispatch :table do
    required_param 'Hash[String, Variant[Integer, Undef]]', :value
  end
  dispatch :nothing do
  end
  argument_mismatch :sorry do
    param 'Boolean', :value
  end

  def pair(value)
    first, last = value
    "pair #{first}=#{last}"
  end

  def names(value, how = nil)
    value.map { |name| how ? name.send(how) : name }.sort.join('+')
  end

  def port(value, *more)
    ([value] + more).inject(:+)
  end

  def table(value)
    value.reject { |_, count| count.nil? }.sort_by { |name, count| [-count, name] }.map(&:first)
  end

  def nothing
    nil
  end

  def sorry(_value)
    'takes no flag'
  end
end
