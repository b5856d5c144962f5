# frozen_string_literal: true

# Asks the real Puppet for its verdict on snippets: a JSON list of {"code", "epp"} on standard input, a JSON list of
# {"ok", "pn"} on standard output. Puppet's own printer fails on parameters that take the rest; `pn` is null then.
require 'json'
require 'tmpdir'
require 'puppet'
require 'puppet/pops/pn'
require 'puppet/pops/model/pn_transformer'

Dir.mktmpdir do |dir|
  Puppet.initialize_settings(%W[--confdir=#{dir} --vardir=#{dir} --codedir=#{dir}], false, false)
  Puppet.push_context(Puppet.base_context(Puppet.settings), 'snippets')
  env = Puppet::Node::Environment.create(:production, [], Puppet::Node::Environment::NO_MANIFEST)
  parsers = [Puppet::Pops::Parser::EvaluatingParser.new, Puppet::Pops::Parser::EvaluatingParser::EvaluatingEppParser.new]
  answers = Puppet.override(current_environment: env, loaders: Puppet::Pops::Loaders.new(env, false, false)) do
    JSON.parse($stdin.read).map do |snippet|
      file = "#{dir}/snippet"
      File.write(file, snippet['code'])
      tree = parsers[snippet['epp'] ? 1 : 0].parse_file(file)
      tree = tree.model if tree.respond_to?(:model)
      text = +''
      begin
        Puppet::Pops::Model::PNTransformer.transform(tree).format(nil, text)
        { ok: true, pn: text }
      rescue NoMethodError
        { ok: true, pn: nil }
      end
    rescue StandardError, SyntaxError
      { ok: false, pn: nil }
    end
  end
  puts JSON.generate(answers)
end
