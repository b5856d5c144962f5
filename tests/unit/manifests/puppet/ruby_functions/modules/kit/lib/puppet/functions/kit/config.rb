# Writes a configuration file out of a hash: recursion, string mutation, options with defaults.
Puppet::Functions.create_function(:'kit::config') do
  dispatch :config do
    param 'Hash', :data
    optional_param 'Hash[String, Any]', :options
    return_type 'String'
  end

  DEFAULTS = { 'indent' => 2, 'separator' => ' = ', 'quote' => false }.freeze

  def config(data, options = {})
    settings = DEFAULTS.merge(options)
    out = +''
    data.each_pair do |key, value|
      next if value.nil?

      if value.is_a?(Hash)
        out << "[#{key}]\n"
        lines(value, settings).each { |line| out << (' ' * settings['indent']) << line << "\n" }
      else
        out << "#{key}#{settings['separator']}#{format_value(value, settings)}\n"
      end
    end
    out.chomp!
    out
  end

  def lines(section, settings)
    section.sort.flat_map do |key, value|
      values = value.is_a?(Array) ? value : [value]
      values.map { |one| [key, format_value(one, settings)].join(settings['separator']) }
    end
  end

  def format_value(value, settings)
    text = case value
           when true, false then value ? 'yes' : 'no'
           when Integer then value.to_s
           when Float then format('%.2f', value)
           when %r{\A\d+\z} then "#{value}u"
           when nil, :undef then ''
           else value.to_s
           end
    settings['quote'] && value.is_a?(String) ? %("#{text.gsub('"', '\\"')}") : text
  end
end
