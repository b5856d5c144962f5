# Sees the variables where it is called.
Puppet::Functions.create_function(:'kit::scoped', Puppet::Functions::InternalFunction) do
  dispatch :scoped do
    scope_param
    param 'String', :name
    optional_param 'Any', :default
  end

  def scoped(scope, name, default = 'none')
    return default unless scope.include?(name)

    "#{scope[name]} #{scope.lookupvar(name).class}"
  end
end
