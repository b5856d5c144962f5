# frozen_string_literal: true

require 'ipaddr'
require 'uri'

# Takes addresses and URLs apart.
Puppet::Functions.create_function(:'kit::address') do
  dispatch :from_uri do
    param 'Pattern[/\A[a-z]+:\/\//]', :uri
    return_type 'Hash'
  end

  dispatch :from_ip do
    param 'String[1]', :ip
    optional_param 'Integer[0, 128]', :prefix
    return_type 'Hash'
  end

  def from_uri(uri)
    found = URI.parse(uri)
    {
      'scheme' => found.scheme, 'host' => found.host, 'port' => found.port, 'path' => found.path,
      'user' => found.user, 'password' => found.password, 'query' => found.query, 'secure' => found.is_a?(URI::HTTPS),
    }
  rescue URI::InvalidURIError
    { 'error' => 'no URI' }
  end

  def from_ip(ip, prefix = nil)
    address = IPAddr.new(ip)
    address = address.mask(prefix) unless prefix.nil?
    range = address.to_range
    { 'network' => address.to_s, 'v6' => address.ipv6?, 'first' => range.first.to_s, 'last' => range.last.to_s }
  rescue IPAddr::InvalidAddressError => e
    raise Puppet::ParseError, "kit::address(): #{e.class.name.split('::').last}"
  end
end
