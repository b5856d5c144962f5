# Goes wrong in several ways.
Puppet::Functions.create_function(:'kit::mistake') do
  dispatch :mistake do
    param 'Integer', :way
  end

  def mistake(way)
    raise Puppet::ParseError, 'asked for' if way == 1
    raise ArgumentError.new('bad argument') if way == 2

    fail 'plain' if way == 3
    nil.upcase if way == 4
    [1, 2].fetch(9) if way == 5
    throw :nobody if way == 6
    way / 0 if way == 7
    'fine'
  end
end
