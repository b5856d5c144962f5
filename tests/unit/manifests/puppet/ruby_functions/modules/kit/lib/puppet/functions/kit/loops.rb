# Loops, jumps and errors in every form.
Puppet::Functions.create_function(:'kit::loops') do
  dispatch :loops do
    param 'Array', :items
    optional_param 'String', :mode
  end

  def loops(items, mode = 'all')
    @seen = []
    counter = 0
    until counter >= items.size
      item = items[counter]
      counter += 1
      next if item.nil?
      break if item == 'stop'

      @seen.push(note(item))
    end
    result = { 'seen' => @seen, 'counter' => counter }
    result['odd'] = items.grep(Integer).select(&:odd?) if mode == 'all'
    result['total'] = items.grep(Numeric).sum
    result
  end

  private

  def note(item)
    Integer(item)
  rescue ArgumentError
    "text #{item}"
  rescue TypeError => e
    e.message.include?('convert') ? "kind #{item.class}" : raise
  else
    item.is_a?(String) ? item.to_i(10) : item
  ensure
    @last = item
  end
end
