require 'json'
require 'yaml'

# Works on texts.
Puppet::Functions.create_function(:'kit::texts') do
  dispatch :texts do
    param 'String', :text
    repeated_param 'Variant[String, Integer]', :more
  end

  def texts(text, *more)
    words = text.scan(%r{[[:alnum:]]+})
    head, *tail = words
    {
      'camel' => [head.to_s.downcase, *tail.map(&:capitalize)].join,
      'tr' => text.tr('a-y', 'b-z').squeeze('!'),
      'match' => text =~ %r{(?<key>\w+)=(?<value>\d+)} ? [Regexp.last_match(:value), $~[:key], $2] : nil,
      'gsub' => text.gsub(%r{o+}) { |found| found.length.to_s }.sub(/\s+/, '_'),
      'format' => format('%-5s|%05d', *more),
    }
  rescue ArgumentError, KeyError
    {
      'json' => JSON.parse(JSON.generate('t' => text, 'm' => more)),
      'yaml' => YAML.safe_load({ 'a' => more }.to_yaml),
      'each' => text.each_char.with_index.select { |_, i| i.even? }.map(&:first).join,
      'lines' => text.lines.map(&:strip).reject(&:empty?),
      'sprintf' => 'x%s-%03d' % [text[0..1], more.length],
    }
  end
end
