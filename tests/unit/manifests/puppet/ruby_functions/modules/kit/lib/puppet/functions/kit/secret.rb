# Unwraps and wraps.
Puppet::Functions.create_function(:'kit::secret') do
  dispatch :wrapped do
    param 'Sensitive[String]', :secret
    return_type 'Sensitive[String]'
  end
  dispatch :plain do
    param 'String', :text
    return_type 'Integer'
  end

  def wrapped(secret)
    Puppet::Pops::Types::PSensitiveType::Sensitive.new("#{secret.unwrap}-#{secret.unwrap.length}")
  end

  def plain(text)
    text.empty? ? 'wrong' : text.length
  end
end
