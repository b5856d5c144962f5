# Ask the real Puppet what it makes of types, conversions and function calls, and print its answers as JSON lines.
#
#   ruby record.rb [MODULEPATH] < cases.jsonl > answers.jsonl
#
# A case is one of
#   {"type": NOTATION}                              -> {"text": how Puppet prints it}
#   {"type": NOTATION, "value": VALUE}              -> {"accepts": BOOL, "message": TEXT or null}
#   {"type": NOTATION, "other": NOTATION}           -> {"assignable": BOOL}
#   {"new": NOTATION, "args": [...]}                -> {"value": VALUE} or {"error": TEXT}
#   {"call": NAME, "args": [...], "block": TEXT}    -> the same
# Values that JSON has no form for are written {"$": PUPPET SOURCE} in arguments, and {"$": TYPE, "text": TEXT} in answers.
require 'json'
require 'puppet'
require 'puppet_pal'

Puppet.initialize_settings(%w[--log_level=crit]) unless Puppet.settings.global_defaults_initialized?
Types = Puppet::Pops::Types

def literal(value)
  case value
  when Hash
    return value['$'] if value.keys == ['$']
    "{#{value.map { |k, v| "#{literal(k)} => #{literal(v)}" }.join(', ')}}"
  when Array then "[#{value.map { |v| literal(v) }.join(', ')}]"
  when String then "'#{value.gsub(/[\\']/) { |c| "\\#{c}" }}'"
  when nil then 'undef'
  else value.to_s
  end
end

def plain(value)
  case value
  when Hash then value.to_h { |k, v| [k.is_a?(String) ? k : plain(k).to_s, plain(v)] }
  when Array then value.map { |v| plain(v) }
  when String, Integer, true, false, nil then value
  when Float then value.finite? ? value : { '$' => 'Float', 'text' => value.to_s }
  when Types::PSensitiveType::Sensitive then { '$' => 'Sensitive', 'inside' => plain(value.unwrap) }
  when Types::PAnyType then { '$' => 'Type', 'text' => value.to_s }
  when Regexp then { '$' => 'Regexp', 'text' => value.source }
  when Types::PBinaryType::Binary then { '$' => 'Binary', 'text' => value.to_s }
  else { '$' => value.class.name.split('::').last, 'text' => value.to_s }
  end
end

def answer(compiler, item)
  if item.key?('new') || item.key?('call')
    arguments = item.fetch('args', []).map { |a| literal(a) }
    source = item.key?('new') ? "new(#{[item['new'], *arguments].join(', ')})" : "#{item['call']}(#{arguments.join(', ')}) #{item['block']}"
    return { 'value' => plain(compiler.evaluate_string(source)) }
  end
  type = compiler.evaluate_string(item['type'])
  return { 'assignable' => type.assignable?(compiler.evaluate_string(item['other'])) } if item.key?('other')
  return { 'text' => type.to_s } unless item.key?('value')
  value = compiler.evaluate_string(literal(item['value']))
  accepts = type.instance?(value)
  message = accepts ? nil : Types::TypeMismatchDescriber.singleton.describe_mismatch('it', type, Types::TypeCalculator.infer_set(value))
  { 'accepts' => accepts, 'message' => message }
end

cases = $stdin.each_line.map { |line| JSON.parse(line) }
Puppet::Pal.in_tmp_environment('record', modulepath: ARGV[0] ? [ARGV[0]] : [], facts: { 'networking' => { 'fqdn' => 'web1.example.com' }, 'fqdn' => 'web1.example.com' }) do |pal|
  pal.with_catalog_compiler do |compiler|
    cases.each do |item|
      result = begin
        answer(compiler, item)
      rescue StandardError, ScriptError => error
        { 'error' => error.message.sub(/ \(line: .*\)\z/m, '').sub(/\AEvaluation Error: /, '') }
      end
      puts JSON.generate(item.merge(result))
    end
  end
end
