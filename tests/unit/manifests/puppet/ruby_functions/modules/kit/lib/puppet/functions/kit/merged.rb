# Merges deeply; hashes with default procs, sets, each_with_object.
Puppet::Functions.create_function(:'kit::merged') do
  dispatch :merged do
    param 'Hash', :one
    required_repeated_param 'Hash', :others
  end

  def merged(one, *others)
    others.reduce(one) do |left, right|
      left.merge(right) { |_key, old, new| combine(old, new) }
    end
  end

  def combine(old, new)
    if old.is_a?(Hash) && new.is_a?(Hash)
      merged(old, new)
    elsif [old, new].all?(Array)
      (old | new).group_by { |item| item.class.name }.transform_values(&:count)
    elsif new.respond_to?(:+) && old.instance_of?(new.class)
      new.is_a?(String) ? new.dup.prepend(old, ' ') : old + new
    else
      counts = Hash.new { |hash, key| hash[key] = key.to_s * 2 }
      [counts[old], counts.fetch(new, 'gone'), new]
    end
  end
end
