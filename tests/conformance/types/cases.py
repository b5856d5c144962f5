"""Write the cases that ``record.rb`` asks the real Puppet: types, values and conversions of our own making.

python cases.py types | ruby record.rb | python cases.py pack > types.json
python cases.py new | ruby record.rb > new.jsonl
python cases.py calls | ruby record.rb MODULES > ../functions/calls.jsonl
"""

from __future__ import annotations

import json
import sys

TYPES = (
    """
Any|Undef|Default|Scalar|ScalarData|Numeric|Integer|Integer[1,5]|Integer[0,default]|Integer[default,3]|Float|Float[1,2.5]
String|String[1]|String[2,3]|Boolean|Boolean[true]|Enum|Enum[b,a,b]|Enum['a','B',true]|Pattern[/^a/]|Pattern[/x/,/y/]
Regexp|Regexp[/a/]|Collection|Collection[2,3]|Array|Array[Integer]|Array[String,1]|Array[Integer[1,3],2,3]|Array[0,0]
Hash|Hash[String,Integer]|Hash[String,Any,1,2]|Hash[Enum[a,b],Variant[Integer,String]]|Tuple[Integer,String]
Tuple[String,1,3]|Tuple[Integer,String,1]|Struct[{a=>Integer}]|Struct[{a=>Integer,Optional[b]=>String}]
Struct[{a=>Optional[Integer],b=>Enum[x,y]}]|Struct[{NotUndef[a]=>Optional[Integer]}]|Variant[Integer,String]
Variant[Enum[a],Enum[b]]|Variant[Integer[1,3],Integer[7,9]]|Variant[Undef,Integer]|Variant[Array[Integer],Hash[String,Integer]]
Variant[String[3],Array[String[3]]]|Optional|Optional[Integer]|Optional[Enum[a,b]]|Optional[String[2]]|Optional['a']|NotUndef
NotUndef[String]|NotUndef['a']|Optional[Variant[Integer,Boolean]]|Optional[Variant[String,Undef]]|Sensitive|Sensitive[String]
Type|Type[Integer]|Type[Integer[1,3]]|Iterable|Iterable[Integer]|Iterable[String]|Data|RichData|Array[Data]|CatalogEntry|Resource
Resource[file]|File|File['/x']|Class|Class[a]|Callable|Binary|SemVer|SemVer['>=1.0.0 <2.0.0']|SemVerRange|Timespan|Timestamp|URI
Hash[String,Array[Integer[1,5]]]|Array[Struct[{a=>Integer,Optional[b]=>Array[String]}]]|Hash[Integer,String]|Tuple|Struct
Variant[Array[String],String]|Optional[Array[String[1],1]]|Hash[String[2],Hash[String,Enum[x]]]|Init|Init[Integer]|Iterator
Variant[Tuple[Integer],Tuple[Integer,Integer]]|Optional[Hash[String,Struct[{p=>Integer[1,10]}]]]|Integer[3,3]|Float[2.0,2.0]
Array[Variant[Integer,Enum[a,b]]]|Optional[Optional[Integer]]|Variant[Float,Integer]|Timespan['0-00:00:01','0-00:00:02']
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

VALUES = [
    None, True, False, 0, 2, 7, -1, 1.5, 2.0, "", "a", "b", "abc", "x", "10", [], [1, 2], ["a"], ["a", "bcd"], [1, "a"],
    ["a", 1], [[1]], [None], {}, {"a": 1}, {"a": "x"}, {"a": None}, {"a": 1, "b": "x"}, {"a": 1, "b": 2, "c": 3}, {"b": "x"},
    {"a": [1, 9], "b": "x"}, [{"a": 1, "b": ["x", 2]}, {"b": 1}], {"k": {"p": 11}}, {"$": "default"}, {"$": "/a/"},
    {"$": "Integer"}, {"$": "Integer[2,2]"}, {"$": "String"}, {"$": "Sensitive('x')"}, {"$": "{1 => 'a'}"},
    {"$": "File['/x']"}, {"$": "Class['a']"}, {"$": "SemVer('1.5.0')"}, {"$": "SemVerRange('>1.0.0')"},
    {"$": "Timespan('0-00:00:01')"}, {"$": "Binary('YWJj')"}, {"$": "{'' => 1}"}, {"$": "File"},
]  # fmt: skip

NEW = [
    ("Integer", ["1"], ["0x1F"], ["0b11"], ["017"], ["0x1f", 16], ["1f", 16], ["11", 2], ["0b11", 2], ["17", 8], ["z"], [""],
     [1.9], [-1.9], [True], [False], [None], ["-7"], ["+7"], ["- 7"], ["08"], ["1.5"], ["12", 10], ["1_000"], [" 5"], [-5, 10, True],
     ["-5", 10, True], ["5", 3], [[1]], [{"from": "11", "radix": 2}], ["9999999999"], ["0o17"], ["FF", 16], ["1e3"]),
    ("Integer[1,5]", ["3"], ["7"]),
    ("Float", ["1.5"], ["1"], [1], [True], ["1e3"], ["0x10"], ["x"], [None], ["-2.50"], [".5"], ["5."], [-2.5, True], ["017"]),
    ("Numeric", ["1"], ["1.5"], ["0x1F"], [True], ["x"], ["1e2"], [-3, True], ["017"], [3.5], ["0b101"], [""]),
    ("Boolean", ["true"], ["yes"], ["y"], ["YES"], ["no"], ["false"], ["n"], [0], [1], [0.0], [2.5], ["x"], [""], [None], [True]),
    ("String", [5], [None], [True], [1.5], ["a"], [[1, "a", None]], [{"a": 1}], [5, "%x"], [255, "%#X"], [5, "%05d"], [5, "%b"],
     [5, "%#b"], [8, "%o"], [3.14159, "%.2f"], [3.14159, "%e"], [5, "%f"], ["abc", "%p"], ["abc", "%c"], ["a b", "%C"], ["Abc", "%u"],
     ["Abc", "%d"], ["a::b", "%C"], ["  a ", "%t"], [True, "%p"], [True, "%y"], [False, "%Y"], [True, "%t"], [True, "%T"], [True, "%d"],
     [None, "%s"], [None, "%p"], [None, "%d"], [None, "%v"], [None, "%V"], ["x", "%5s"], ["x", "%-5s|"], ["abc", "%.2s"], [5, "%s"], [5, "%p"],
     [5, "%c"], [65, "%c"], [5, "%+d"], [5, "% d"], [-255, "%x"], [5, "%q"], [[1, 2], "%p"], [[1, [2]], "%s"], [["a", 1], "%<a"], [["a"], "%(a"],
     [{"a": [1]}, "%p"], [{"a": 1}, "%s"], [{"a": {"b": "c"}}], [{"$": "default"}], [{"$": "/a/"}], [{"$": "Integer[1,2]"}], [{"$": "/a/"}, "%p"],
     [1e20], [1.0], [100000.0], [1e-5], [123456789.123], [0.1], [[1, 2], {"$": "{Array => {format => '%[a', separator => '; '}}"}],
     [{"a": 1, "b": 2}, {"$": "{Hash => {format => '%(h', separator => '; ', separator2 => ':'}}"}], [[1, 2], {"$": "{Integer => '%x'}"}],
     [[255, "a"], {"$": "{Array => {format => '%a', string_formats => {Integer => '%x', String => '%p'}}}"}], [[1, [2, 3]], "%#a"],
     [{"a": {"b": 1}}, "%#p"], [{"a": 1}, "%a"], [{"$": "Sensitive('x')"}], [{"$": "SemVer('1.2.3')"}], [{"$": "Timespan('1-02:03:04.5')"}],
     [[]], [{}], [""], ["it's", "%p"], ["a\nb", "%p"], [12.5, "%d"], [12.5, "%s"], [12.5, "%p"], [12.5, "%g"], [12, "%g"], [1.5, "%a"]),
    ("Array", [1], [[1]], [{"a": 1}], [None], ["abc"], ["abc", True], [3], [True], [{"a": 1}, True], [[1], True], [2.5]),
    ("Tuple[Integer,String]", [[1, "a"]], [[1, 2]], [[1]]),
    ("Array[String]", [["a"]], [[1]]),
    ("Hash", [[["a", 1], ["b", 2]]], [["a", 1, "b", 2]], [{"a": 1}], [["a", 1, "b"]], [None], ["x"], [[]], [1],
     [[[["a"], 1], [["b"], 2]], "tree"], [[[[0], 1], [[1], 2]], "tree"], [[["a", 1], ["b"]]]),
    ("Struct[{a=>Integer}]", [{"a": 1}], [[["a", 1]]], [{"a": "x"}]),
    ("Optional[Integer]", ["5"], [None], ["x"]),
    ("NotUndef[Integer]", ["5"]),
    ("Variant[Integer,String]", ["5"]),
    ("Timespan", [5], [1.5], ["1-02:03:04"], ["03:04"], ["x"], [1, 2, 3, 4], [1, 2, 3, 4, 5], [{"days": 1, "hours": 2}], ["5", "%S"], ["1d", "%Dd"],
     ["10:20", ["%H:%M", "%S"]], ["-1-00:00:00"], ["00:00:01.5"]),
    ("Timestamp", [0], [1.5], ["2020-01-02"], ["2020-01-02T03:04:05"], ["2020-01-02T03:04:05.678"], ["2020-01-02T03:04:05 UTC"], ["x"],
     ["2020", "%Y"], ["2020-01-02T03:04:05 +0200"], ["2020-01-02 03:04:05", "%F %T", "CET"]),
    ("SemVer", ["1.2.3"], ["1.2.3-rc.1+b5"], ["1.2"], [1, 2, 3], [1, 2, 3, "rc1"], [{"major": 1, "minor": 2, "patch": 3}], ["01.2.3"]),
    ("SemVerRange", [">=1.0.0"], ["x.y"], ["1.x"]),
    ("Sensitive", ["x"], [{"$": "Sensitive('x')"}], [None]),
    ("Binary", ["YWJj"], ["YWJj", "%B"], ["abc", "%s"], ["YW Jj", "%b"], ["!!"], [[97, 98]], ["YWI", "%u"], [{"value": "YWJj", "format": "%B"}]),
    ("URI", ["http://example.com/x"]),
    ("Regexp", ["a.b"]),
    ("Enum[a,b]", ["a"], ["c"]),
    ("Pattern[/a/]", ["abc"], ["x"]),
    ("Undef", [None]),
    ("Stdlib::Port", [80]),
    ("Init[Integer]", ["5"]),
    ("Integer", []),
    ("Integer", [1, 2, 3, 4], ["1", "x"], ["1", 10, "x"]),
    ("Boolean", [True, False]),
    ("Type", ["Integer[1,2]"]),
    ("Data", ["x"]),
]  # fmt: skip


def types() -> list[dict]:
    """Return the cases of notations, checks and assignability."""
    cases: list[dict] = [{"type": kind} for kind in TYPES]
    cases += [{"type": kind, "value": value} for kind in TYPES for value in VALUES]
    cases += [{"type": kind, "other": other} for kind in TYPES for other in TYPES]
    return cases


def new() -> list[dict]:
    """Return the cases of conversions."""
    return [{"new": kind, "args": arguments} for kind, *calls in NEW for arguments in calls]


def calls() -> list[dict]:
    """Return the cases of function calls, which stand in a file of their own."""
    with open(__file__.replace("types/cases.py", "functions/cases.json"), encoding="utf-8") as stream:
        return [{"call": name, "args": arguments} for name, rows in json.load(stream).items() for arguments in rows]


def pack() -> None:
    """Write the answers about types, read from standard input, as tables; of the messages every third."""
    texts, accepts, assignable, messages = [], {}, {}, []
    for number, line in enumerate(sys.stdin):
        row = json.loads(line)
        kind = row["type"]
        if "other" in row:
            assignable[kind] = assignable.get(kind, "") + str(int(row["assignable"]))
        elif "value" in row:
            accepts[kind] = accepts.get(kind, "") + str(int(row["accepts"]))
            if row["message"] and number % 3 == 0:
                messages.append([kind, row["value"], row["message"]])
        else:
            texts.append([kind, row["text"]])
    tables = {"types": texts, "values": VALUES, "accepts": accepts, "assignable": assignable, "messages": messages}
    parts = [f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" if isinstance(rows, list) else
             f'"{name}": ' + json.dumps(rows, indent=0) for name, rows in tables.items()]  # fmt: skip
    sys.stdout.write("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    if sys.argv[1] == "pack":
        pack()
        sys.exit()
    for case in {"types": types, "new": new, "calls": calls}[sys.argv[1]]():
        sys.stdout.write(json.dumps(case) + "\n")
