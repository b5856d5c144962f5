# Goes through a structure with a block.
Puppet::Functions.create_function(:'kit::walk') do
  dispatch :with_two do
    param 'Collection', :data
    block_param 'Callable[2, 2]', :block
  end
  dispatch :with_one do
    param 'Collection', :data
    optional_block_param 'Callable[1, 1]', :block
  end

  def with_two(data)
    list(data).each_with_index.map { |item, index| yield(index, item) }
  end

  def with_one(data, &block)
    return list(data).length unless block

    list(data).map { |item| block.call(item) }
  end

  def list(data)
    case data
    when Hash then data.to_a
    when Array then data
    else []
    end
  end
end
