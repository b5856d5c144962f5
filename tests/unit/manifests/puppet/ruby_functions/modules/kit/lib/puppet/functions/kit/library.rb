require_relative '../../../puppet_x/kit/words'

# Uses a library of its module.
Puppet::Functions.create_function(:'kit::library') do
  def library(text, count = 2)
    PuppetX::Kit::Words.plural(text, count) + PuppetX::Kit::MARK
  end
end
