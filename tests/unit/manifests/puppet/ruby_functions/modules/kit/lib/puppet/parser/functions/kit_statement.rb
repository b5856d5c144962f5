Puppet::Parser::Functions.newfunction(:kit_statement, :type => :statement, :arity => 1) do |arguments|
  raise Puppet::ParseError, 'kit_statement(): wants a hash' unless arguments[0].is_a? Hash

  arguments[0].each { |title, message| function_create_resources(['notify', { title => { 'message' => message } }]) }
end
