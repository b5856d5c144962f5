# A function of the old form.
module Puppet::Parser::Functions
  newfunction(:kit_old, type: :rvalue, arity: -2, doc: <<-DOC
    Joins what it is given.
    DOC
  ) do |args|
    first, *rest = args
    return 'nothing' if first == '' || first.nil?

    unless first.respond_to?(:join)
      raise(Puppet::ParseError, "kit_old(): expected an array, got #{first.class}")
    end

    words = first.collect { |item| item.is_a?(Hash) ? item.keys.first : item }
    name = lookupvar('kit_name')
    rest.each do |one|
      next words << one unless one.is_a?(Array)

      words.concat(one)
    end
    "#{name}:#{words.join(',')}:#{function_sha1(['end'])[0, 4]}:#{call_function('downcase', ['END'])}"
  end
end
