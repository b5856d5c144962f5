# frozen_string_literal: true

# Compiles the cases of a file (JSON lines: code, modulepath, env_dir, facts, node) with the real Puppet in one process
# and prints {"version", "compiled", "seconds"}: the time of compiling alone, after one catalog to warm up.
require 'json'
require 'tmpdir'
require 'puppet'

def compile(kase, dir)
  facts = Puppet::Node::Facts.new(kase['node'] || 'bench', JSON.parse(File.read(kase['facts'])))
  manifest = kase['manifest'] || Puppet::Node::Environment::NO_MANIFEST
  env = Puppet::Node::Environment.create(:production, kase['modulepath'] || [], manifest)
  loader = Puppet::Environments::StaticDirectory.new(:production, kase['env_dir'] || dir, env)
  trusted = Puppet::Context::TrustedInformation.new('local', facts.name, {})
  Puppet[:code] = kase['code'] || ''
  begin_at = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  Puppet.override(environments: loader, current_environment: env, trusted_information: trusted) do
    Puppet.override(loaders: Puppet::Pops::Loaders.new(env, false, false)) do
      node = Puppet::Node.new(facts.name, environment: env, facts: facts)
      node.merge(facts.values)
      Puppet::Parser::Compiler.compile(node)
    end
  end
  [true, Process.clock_gettime(Process::CLOCK_MONOTONIC) - begin_at]
rescue Puppet::Error
  [false, Process.clock_gettime(Process::CLOCK_MONOTONIC) - begin_at]
end

Dir.mktmpdir do |dir|
  Puppet.initialize_settings(%W[--confdir=#{dir} --vardir=#{dir} --codedir=#{dir} --log_level=err], false, false)
  Puppet.push_context(Puppet.base_context(Puppet.settings), 'bench')
  cases = File.readlines(ARGV[0]).reject { |line| line.strip.empty? }.map { |line| JSON.parse(line) }
  compile(cases.first, dir)
  found = cases.map { |kase| compile(kase, dir) }
  puts JSON.generate(version: Puppet.version, compiled: found.count(&:first), seconds: found.sum(&:last))
end
