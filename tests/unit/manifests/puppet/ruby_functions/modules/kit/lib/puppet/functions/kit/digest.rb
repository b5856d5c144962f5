require 'base64'
require 'digest'
require 'openssl'

# Digests and encodings.
Puppet::Functions.create_function(:'kit::digest') do
  dispatch :hex do
    param 'String', :text
    optional_param 'Enum[md5, sha1, sha256, sha512, ssha, hmac, pbkdf2]', :kind
  end

  SALT = 'NaCl'.freeze

  def hex(text, kind = 'sha256')
    case kind
    when 'md5' then Digest::MD5.hexdigest(text)
    when 'sha1' then Digest::SHA1.hexdigest(Digest::SHA1.digest(text)).upcase
    when 'sha512' then OpenSSL::Digest.new('SHA512').update(text).hexdigest[0, 40]
    when 'ssha' then '{SSHA}' + Base64.strict_encode64(Digest::SHA1.digest(text + SALT) + SALT)
    when 'hmac' then "hmac #{OpenSSL::HMAC.hexdigest('SHA256', SALT, text)}"
    when 'pbkdf2' then OpenSSL::PKCS5.pbkdf2_hmac(text, SALT, 10, 20, OpenSSL::Digest::SHA256.new).unpack('H*').first
    else Digest::SHA256.hexdigest text
    end
  end
end
