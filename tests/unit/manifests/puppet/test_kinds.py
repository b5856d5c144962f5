"""Resource types: tables, Ruby sources, the Resource API."""

import time
from pathlib import Path

import pytest

from hiera.tree import DirectoryTree
from manifests.puppet.kinds import Kind
from manifests.puppet.kinds.ruby_types import read_type
from manifests.puppet.loaders import Loaders

TYPE = r"""
# newparam(:comment)
Puppet::Type.newtype(:thing) do
  @doc = <<-DOC + "newparam(:text)"
    newparam(:heredoc)
  DOC
  @isomorphic = false
  ensurable do
    defaultto { :present }
  end
  newparam(:path, :namevar => true) { desc 'x / y'; munge { |v| v.gsub(/"#/, '') } }
  newparam :owner, boolean: true, parent: Puppet::Parameter::Boolean
  newproperty('mode') do
    isnamevar
    desc %q{newparam(:quoted) {nested} }
    validate { |value| raise "bad #{value} newparam(:inner)" unless value =~ %r{^newparam} }
  end
  [:a, :b].each do |name|
    newparam(name) do
      desc 'both'
    end
  end
  NAMES = %w[c d].freeze
  NAMES.each { |n| newproperty(n) }
  { 'e' => :x, :f => { g: 1 } }.each do |key, _value|
    newproperty(key)
  end
  { k1: 1, k2: { no: 2 } }.keys.each { |key| newparam(key) }
  newparam(:name) { isnamevar }
=begin
  newparam(:block)
=end
  def self.title_patterns
    any = /.*/
    [[%r{^(#{any}):(.*)$}m, [[:path], [:name]]], [/(.*)/, [[:path]]]]
  end
end
__END__
newparam(:after)
"""

REGISTERED = """
Puppet::ResourceApi.register_type({
  name: 'thing',
  docs: <<~EOS,
    attributes: { no: {} }
  EOS
  title_patterns: [
    { pattern: %r{^(?<package>.*[^-])-(?<manager>(a|b))$}, desc: 'both' },
    { pattern: /^(?<package>.*)$/, desc: 'one', },
  ],
  attributes: {
    ensure: { type: 'Enum[present, absent]', default: 'present' },
    package: { type: 'String', behaviour: :namevar },
    manager: { type: 'String', behavior: :namevar, desc: "x, { y" },
    :force => { type: 'Boolean', behaviour: :parameter },
    'size' => { type: 'Integer', behaviour: :read_only },
  },
)
"""


def test_a_ruby_type_is_read() -> None:
    kind = read_type(TYPE, "thing", "t.rb")
    assert kind is not None
    assert kind.certain
    assert kind.parameters == {"path", "owner", "a", "b", "k1", "k2", "name"}
    assert kind.properties == {"ensure", "mode", "c", "d", "e", "f"}
    assert kind.namevars == ("path", "name")
    assert kind.ensurable
    assert not kind.isomorphic
    assert kind.title_patterns == (("(?m:^((?:.*)):(.*)$)", ("path", "name")), ("(.*)", ("path",)))
    assert kind.read_title("x:y") == {"path": "x", "name": "y"}
    assert kind.accepts("require")
    assert not kind.accepts("inner")


def test_a_registered_type_is_read() -> None:
    kind = read_type(REGISTERED, "thing", "t.rb")
    assert kind is not None
    assert kind.certain
    assert kind.namevars == ("package", "manager")
    assert kind.parameters == {"package", "manager", "force"}
    assert kind.properties == {"ensure", "size"}
    assert kind.read_title("x-y-a") == {"package": "x-y", "manager": "a"}
    assert kind.read_title("plain") == {"package": "plain"}


@pytest.mark.parametrize("text", ["(name: 'thing', {})", "({ name: 'thing', {} })", " name: 'thing', {}"])
def test_a_registered_type_may_stand_in_any_brackets(text: str) -> None:
    attributes = "attributes: { a: { type: 'String', behaviour: :namevar }, b: { type: 'String' } }"
    kind = read_type("Puppet::ResourceApi.register_type" + text.replace("{}", attributes), "thing", "t.rb")
    assert kind is not None
    assert (kind.namevars, kind.properties, kind.certain) == (("a",), {"b"}, True)


@pytest.mark.parametrize(
    "text",
    [
        "Puppet::Type.newtype(:thing) { FOO.each { |x| newparam(x) } }",
        'Puppet::Type.newtype(:thing) { newparam("a_#{b}") }',
        "Puppet::Type.newtype(:other) { newparam(:a) }",
        "Puppet::Type.newtype(:thing) { def self.add(n) newparam(n) end }",
        "Puppet::ResourceApi.register_type(name: 'thing', attributes: ATTRIBUTES)",
        "Puppet::Type.newtype(:thing) { extend Shared\n newparam(:a) }",
        "Puppet::Type.newtype(:thing) { instance_eval(&Shared::PARAMETERS) }",
        "Puppet::Type.newtype(:thing) { newparam(:a); def self.title_patterns; [[/#{x}/, [[:a]]]] end }",
        "Puppet::Type.newtype(:thing) { newparam(:a); def self.title_patterns; [[/(?<!a*)(.)/, [[:a]]]] end }",
    ],
)
def test_what_is_computed_makes_a_type_that_accepts_everything(text: str) -> None:
    kind = read_type(text, "thing", "t.rb")
    assert kind is not None
    assert not kind.certain
    assert kind.accepts("anything")


@pytest.mark.parametrize(
    "text", ["", "%", "<<A", "newtype", "'", "\x00%w[", "/", "register_type(", "newparam(", "{" * 9000]
)
def test_no_text_is_refused(text: str) -> None:
    for whole in (text, f"Puppet::Type.newtype(:thing) do newparam(:a) {text}"):
        kind = read_type(whole, "thing", "t.rb")
        assert kind is None or kind.name == "thing"


def found(tmp_path: Path, name: str, **files: str) -> Kind | None:
    for path, text in files.items():
        place = tmp_path / "modules/m" / path.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        (place.parent / f"{place.name}.rb").write_text(text)
    return Loaders(DirectoryTree(tmp_path), ["modules"], puppet_version=8).kind(name)


def test_types_of_puppet_are_known_and_no_module_replaces_them(tmp_path: Path) -> None:
    kind = found(tmp_path, "File", lib__puppet__type__file="Puppet::Type.newtype(:file) { newparam(:x) }")
    assert kind is not None
    assert kind.namevar == "path"
    assert kind.accepts("content")
    assert not kind.accepts("x")
    assert kind.read_title("/a/b//") == {"path": "/a/b"}
    cron = found(tmp_path, "cron")
    assert cron is not None
    assert cron.accepts("minute")


def test_a_module_brings_its_types(tmp_path: Path) -> None:
    assert found(tmp_path, "archive") is None
    brought = found(
        tmp_path,
        "archive",
        lib__puppet__type__archive="Puppet::Type.newtype(:archive) { newparam(:new) }",
        lib__puppet__provider__archive__ruby="",
    )
    assert brought is not None
    assert brought.source == "modules/m/lib/puppet/type/archive.rb"
    assert brought.parameters == {"new", "provider"}
    unread = found(tmp_path, "archive", lib__puppet__type__archive="Puppet::Type.newtype(:archive) { newparam(x) }")
    assert unread is not None
    assert unread.certain
    assert unread.accepts("checksum_url")
    made = found(tmp_path, "made", lib__puppet__type__made="Maker.make(:made)")
    assert made is not None
    assert made.accepts("anything")


def test_a_long_source_takes_no_long_time() -> None:
    started = time.process_time()
    read_type("Puppet::Type.newtype(:thing) do\n" + "newparam(x)\n[a].each\n" * 10_000, "thing", "t.rb")
    assert time.process_time() - started < 20
