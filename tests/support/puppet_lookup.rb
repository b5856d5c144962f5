# frozen_string_literal: true

# Asks the real Puppet for data: a case as JSON on each line of standard input (see puppet_lookup.py), a list of answers
# as JSON on each line of standard output. Every case has a process of its own, so that nothing is remembered.
require 'json'
require 'tmpdir'
require 'puppet'

def start(dir)
  Puppet.initialize_settings(%W[--confdir=#{dir} --vardir=#{dir} --codedir=#{dir} --log_level=crit], false, false)
  Puppet.push_context(Puppet.base_context(Puppet.settings), 'lookups')
  Puppet::Node.indirection.terminus_class = :plain
  Puppet::Util::Log.newdestination(:console)
end

def kept(value)
  case value
  when Hash then value.to_h { |key, item| [key.is_a?(String) ? key : "(#{key.class})#{key}", kept(item)] }
  when Array then value.map { |item| kept(item) }
  when Puppet::Pops::Types::PSensitiveType::Sensitive then { '__sensitive__' => kept(value.unwrap) }
  when Float then value.finite? ? value : { '__type__' => 'Float', 'text' => value.to_s }
  when Integer, String, true, false, nil then value
  else { '__type__' => value.class.name, 'text' => value.to_s }
  end
end

# Puppet's own function, as a manifest calls it; only a missing key is told by a block, which it calls then.
def answer(scope, asked)
  words = { 'key' => 'name', 'type' => 'value_type', 'default' => 'default_value' }
  options = asked.to_h { |name, item| [words.fetch(name, name), item] }
  if options['value_type']
    options['value_type'] = Puppet::Pops::Types::TypeParser.singleton.parse(options['value_type'], scope)
  end
  return { value: kept(scope.call_function('lookup', [options])) } unless plain?(asked)

  missing = Object.new
  asking = Puppet::Pops::Lookup::Invocation.new(scope, {}, {})
  value = Puppet::Pops::Lookup.lookup([asked['key']], nil, nil, false, asked['merge'], asking) { |*| missing }
  value.equal?(missing) ? {} : { value: kept(value) }
rescue StandardError => e
  { error: e.message }
end

def plain?(asked)
  (asked.keys - %w[key merge]).empty? && asked['key'].is_a?(String)
end

def answers(asked)
  name = asked['node'] || 'oracle.example.com'
  Puppet[:node_name_value] = Puppet[:certname] = name
  Puppet[:code] = 'undef'
  root = asked['dir']
  above = File.expand_path('../..', root)
  inner = File.basename(File.dirname(root)) == 'environments' && File.file?("#{above}/hiera.yaml")
  Puppet[:hiera_config] = inner ? "#{above}/hiera.yaml" : "#{Puppet[:confdir]}/none.yaml"
  modules = (asked['modules'] || []) + %w[modules site site-modules].map { |folder| "#{root}/#{folder}" }
  env = Puppet::Node::Environment.create(:production, modules.select { |path| File.directory?(path) },
                                         Puppet::Node::Environment::NO_MANIFEST)
  trusted = Puppet::Context::TrustedInformation.new('local', name, {})
  here = Puppet::Environments::StaticDirectory.new(:production, root, env)
  Puppet.override(environments: here, current_environment: env, trusted_information: trusted) do
    Puppet.push_context({ loaders: Puppet::Pops::Loaders.new(env, false, false) }, 'loaders')
    node = Puppet::Node.new(name, environment: env, facts: Puppet::Node::Facts.new(name, asked['facts']))
    node.merge(asked['facts'])
    node.trusted_data = trusted.to_h
    found = []
    compiler = Puppet::Parser::Compiler.new(node)
    compiler.compile do |catalog|
      found = asked['lookups'].map { |one| answer(compiler.topscope, one.is_a?(String) ? { 'key' => one } : one) }
      catalog
    end
    found
  end
end

Dir.mktmpdir do |dir|
  start(dir)
  $stdin.each_line do |line|
    reader, writer = IO.pipe
    child = fork do
      reader.close
      $stdout.reopen($stderr)
      writer.write(JSON.generate(answers(JSON.parse(line))))
      writer.close
      exit!(0)
    end
    writer.close
    puts reader.read
    $stdout.flush
    Process.wait(child)
  end
end
