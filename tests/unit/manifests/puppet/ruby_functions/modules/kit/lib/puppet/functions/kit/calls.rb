# Calls other functions and looks at the top scope.
Puppet::Functions.create_function(:'kit::calls') do
  def calls(names)
    twice = call_function('kit::twice', names.first)
    mapped = call_function('map', names) { |name| "<#{name}>" }
    seen = closure_scope['kit_name']
    missing = closure_scope['kit_no_such_variable']
    [twice, mapped, call_function(:upcase, 'abc'), seen, missing.nil?, call_function('kit::shape', [names.first || 'none', 1])]
  rescue Puppet::ParseError, ArgumentError => e
    ['rescued', e.message[0, 22]]
  end
end
