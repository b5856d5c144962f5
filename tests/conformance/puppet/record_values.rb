#!/usr/bin/env ruby
# frozen_string_literal: true

# What the real Puppet makes of snippets: record_values.rb < codes.json > answers.json
# In goes a JSON list of codes, out comes a list of {"value" => ...} or {"error" => ...}, with "warnings" if there are any.
# PUPPET_LIB=CHECKOUT/lib asks another Puppet than the one installed.

$LOAD_PATH.unshift(ENV['PUPPET_LIB']) if ENV['PUPPET_LIB']
require 'json'
require 'tmpdir'
require 'puppet'
require 'puppet_pal'

# Puppet 8 is strict unless it is told otherwise, which the library that is asked here does for every version.
STRICT = Puppet.version.split('.').first.to_i >= 8

def plain(value)
  case value
  when nil, true, false, String, Integer then value
  when Float then value.finite? ? value : { 'float' => value.to_s }
  when Array then value.map { |item| plain(item) }
  when Hash then { 'hash' => value.map { |key, item| [plain(key), plain(item)] } }
  when Regexp then { 'regexp' => Puppet::Pops::Types::PRegexpType.regexp_to_s(value) }
  when Puppet::Pops::Types::PSensitiveType::Sensitive then { 'sensitive' => plain(value.unwrap) }
  when Puppet::Pops::Types::PAnyType then { 'type' => value.to_s }
  when Puppet::Pops::Types::Iterable then plain(value.to_a)
  when Symbol then { 'symbol' => value.to_s }
  else { 'text' => value.to_s }
  end
end

def words(error)
  error.message.sub(/\AEvaluation Error: /, '').sub(/ \((?:file|line): [^)]*\)( on node .*)?\Z/, '')
end

def answer(code)
  logs = []
  Puppet::Util::Log.newdestination(Puppet::Test::LogCollector.new(logs))
  found = {}
  begin
    Puppet::Pal.in_tmp_environment('test', modulepath: [], facts: { 'os' => { 'name' => 'Debian' } }) do |pal|
      pal.with_catalog_compiler do |compiler|
        Puppet[:strict] = STRICT ? :error : :warning
        Puppet[:strict_variables] = STRICT
        found['value'] = plain(compiler.evaluate_string(code))
      end
    end
  rescue StandardError => e
    found = { 'error' => words(e), 'place' => e.message[/line: (\d+, column: \d+)/, 1]&.sub(', column: ', ':') }.compact
  end
  warnings = logs.select { |log| log.level == :warning }.map { |log| log.message.sub(/ \((?:file|line): [^)]*\)\Z/, '') }
  found['warnings'] = warnings.uniq unless warnings.empty?
  Puppet::Util::Log.close_all
  found
end

# Puppet takes a destination of this name for what gathers its messages.
module Puppet::Test
  class LogCollector
    def initialize(logs) = @logs = logs
    def <<(log) = @logs << log
  end
end

Dir.mktmpdir do |folder|
  Puppet.initialize_settings(["--confdir=#{folder}/c", "--vardir=#{folder}/v", '--log_level=warning'], false, false)
  puts JSON.generate(JSON.parse($stdin.read).map { |code| answer(code) })
end
