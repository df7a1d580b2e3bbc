//! What a user is told about each way to write YAML that is none, or that sailplan does not take.

use super::tests::read;

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_type() {
    for (text, told) in [
        (
            "i: !!str 1\nj: &anc v\nk: *anc\nl:\n  - a\n  - b\n# end\n\n",
            "\
             1:4 \"!!str\" yaml-tag: tags are not supported -- remove it; to make a \
             value text, put it in quotes\n\
             2:4 \"&anc\" yaml-anchor: anchors are not supported (an anchor) -- remove it and \
             write the value out where it is needed; to write text that starts with `&`, put \
             it in quotes\n\
             3:4 \"*anc\" yaml-alias: aliases are not supported (an alias) -- write the value \
             out here; to write text that starts with `*`, put it in quotes",
        ),
        (
            "- [1]: 2\n  : x\n  {a: b}: c\n  null: 1\n  true: 2\n  1: 1\n  ? |\n   x\n  : y\n  ? - a\n    - b\n  : z\n",
            "\
             1:3 \"[1]\" key-not-text: this key is a list; keys are text -- write a name as \
             the key; to write text that starts with `[`, put it in quotes\n\
             2:3 \"\" key-not-text: this key is empty; keys are text -- write a name before \
             the `:`\n\
             3:3 \"{a: b}\" key-not-text: this key is a mapping; keys are text -- write a \
             name as the key; to write text that starts with `{`, put it in quotes\n\
             4:3 \"null\" key-not-text: this key is null; keys are text -- to use it as text, \
             put it in quotes\n\
             5:3 \"true\" key-not-text: this key is a boolean; keys are text -- to use it as \
             text, put it in quotes\n\
             6:3 \"1\" key-not-text: this key is a number; keys are text -- to use it as \
             text, put it in quotes\n\
             10:5 \"- a\\n    - b\" key-not-text: this key is a list; keys are text -- write \
             a name as the key; to write text that starts with `[`, put it in quotes",
        ),
        (
            "",
            "\
             1:1 \"\" empty-file: `s.yaml` is empty -- write the keys it should have, or `{}` for \
             none, or `[]` for an empty list; comments do not count",
        ),
        (
            "# c\n",
            "\
             1:1 \"\" empty-file: `s.yaml` is empty -- write the keys it should have, or `{}` for \
             none, or `[]` for an empty list; comments do not count",
        ),
        (
            "---\n",
            "\
             1:1 \"\" empty-file: `s.yaml` is empty -- write the keys it should have, or `{}` for \
             none, or `[]` for an empty list; comments do not count",
        ),
        (
            "---\n---\n",
            "\
             2:1 \"---\" several-documents: a second document begins here -- keep one \
             document per file: move this one to a file of its own, or remove the `---` or \
             `...` line",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "\
             2:1 \"---\" several-documents: a second document begins here -- keep one \
             document per file: move this one to a file of its own, or remove the `---` or \
             `...` line",
        ),
        (
            "a: 1\n...\nb: 2\n",
            "\
             3:1 \"\" several-documents: a second document begins here -- keep one document \
             per file: move this one to a file of its own, or remove the `---` or `...` line",
        ),
        (
            "a:\n\tb: 1\n",
            "\
             2:1 \"\\t\" yaml-tab: a tab where YAML takes only spaces (this is a tab) -- \
             replace it with spaces; most editors can be told to always do so in YAML files",
        ),
        (
            "a: 1\n\tb: 2\n",
            "\
             2:1 \"\\t\" yaml-tab: a tab where YAML takes only spaces (this is a tab) -- \
             replace it with spaces; most editors can be told to always do so in YAML files",
        ),
        (
            "a:\n  - b\n\t- c\n",
            "\
             3:1 \"\\t\" yaml-tab: a tab where YAML takes only spaces (this is a tab) -- \
             replace it with spaces; most editors can be told to always do so in YAML files",
        ),
        (
            "a: \"x\nb: 1\n",
            "\
             1:4 \"\\\"\" yaml-unclosed: this quote is not closed (opened here) -- close it \
             with another `\"`; a text of several lines is indented deeper than its key",
        ),
        (
            "# don't\na: # it's\n - \"x\nb: 1\n",
            "\
             3:4 \"\\\"\" yaml-unclosed: this quote is not closed (opened here) -- close it \
             with another `\"`; a text of several lines is indented deeper than its key",
        ),
        (
            "a: 'x",
            "\
             1:4 \"'\" yaml-unclosed: this quote is not closed (opened here) -- close it with \
             another `'`; a text of several lines is indented deeper than its key",
        ),
        (
            "a: \"x\n---\n",
            "\
             1:4 \"\\\"\" yaml-unclosed: this quote is not closed (opened here) -- close it \
             with another `\"`; a text of several lines is indented deeper than its key",
        ),
        (
            "a: [1, 2\nb: 3\n",
            "\
             1:4 \"[\" yaml-unclosed: this bracket is not closed (opened here) -- close it \
             with `]`; to write the bracket itself, put the text in quotes -- line 2 cannot \
             stand inside it",
        ),
        (
            "a: {b: 1\n",
            "\
             1:4 \"{\" yaml-unclosed: this bracket is not closed (opened here) -- close it \
             with `}`; to write the bracket itself, put the text in quotes",
        ),
        (
            "{",
            "\
             1:1 \"{\" yaml-unclosed: this bracket is not closed (opened here) -- close it \
             with `}`; to write the bracket itself, put the text in quotes",
        ),
        (
            "a: {b: 1, c: 2\nd: 3\n",
            "\
             1:4 \"{\" yaml-unclosed: this bracket is not closed (opened here) -- close it \
             with `}`; to write the bracket itself, put the text in quotes -- line 2 cannot \
             stand inside it",
        ),
        (
            "a: [1}\n",
            "\
             1:4 \"[1}\" yaml-bracket: `[` is closed by `}` -- close `[` with `]` and `{` \
             with `}`",
        ),
        (
            "a: ]\n",
            "\
             1:4 \"]\" yaml-bracket: a bracket is closed here that was not opened -- remove \
             it, or put the text in quotes",
        ),
        (
            "a: {b: 1 c: 2}\n",
            "\
             1:11 \":\" yaml-bracket: this cannot stand here inside brackets -- separate \
             items with `, ` and write mappings as `{key: value}`; put texts with `,`, `:` or \
             brackets in quotes",
        ),
        (
            "a: [a, , b]\n",
            "\
             1:8 \",\" yaml-bracket: there is nothing before this comma -- remove the comma, \
             or write the missing item; an empty text is `\"\"`",
        ),
        (
            "a: [b, c\n",
            "\
             1:4 \"[\" yaml-unclosed: this bracket is not closed (opened here) -- close it \
             with `]`; to write the bracket itself, put the text in quotes",
        ),
        (
            "a: b: c\n",
            "\
             1:5 \":\" yaml-colon: a second `: ` on one line -- put the text in quotes, as in \
             `key: \"one: two\"`, or start a new line",
        ),
        (
            "a: b\n  c: d\n",
            "\
             2:3 \"c\" yaml-indentation: this line belongs to the text above it and cannot be \
             a key (continues the text that begins on line 1) -- a key has either a value \
             after it or lines below it; indent this line like the key it stands beside",
        ),
        (
            "a\nb: c\n",
            "\
             1:1 \"a\" yaml-colon: a key without `: ` after it (read as one text with the \
             lines below it) -- write `key: value`, or `key:` above the lines that belong to \
             it",
        ),
        (
            "a:\n  b 2h # c\n  c: d\n",
            "\
             2:3 \"b 2h\" yaml-colon: a key without `: ` after it (read as one text with the \
             lines below it) -- write `key: value`, or `key:` above the lines that belong to \
             it",
        ),
        (
            "a:\n  b\n    - c\n  d: e\n",
            "\
             2:3 \"b\" yaml-colon: a key without `: ` after it (read as one text with the \
             lines below it) -- write `key: value`, or `key:` above the lines that belong to \
             it",
        ),
        (
            "a:\n  - id b\n    name: c\n",
            "\
             2:5 \"id b\" yaml-colon: a key without `: ` after it (read as one text with the \
             lines below it) -- write `key: value`, or `key:` above the lines that belong to \
             it",
        ),
        ("a:\n  b:2h\n  c: d\n", "2:4 \":\" yaml-colon: there is no space after this colon -- write `key: value`"),
        ("a:\n  b: d\n  c:2h\n", "3:4 \":\" yaml-colon: there is no space after this colon -- write `key: value`"),
        (
            "a:\n  2h\n  c: d\n",
            "\
             3:3 \"c\" yaml-indentation: this line belongs to the text above it and cannot be \
             a key (continues the text that begins on line 2) -- a key has either a value \
             after it or lines below it; indent this line like the key it stands beside",
        ),
        (
            "a: b # x\n  c: d\n",
            "\
             2:3 \"c\" yaml-indentation: this line belongs to the text above it and cannot be \
             a key (continues the text that begins on line 1) -- a key has either a value \
             after it or lines below it; indent this line like the key it stands beside",
        ),
        (
            "a:\n  - b\n    - c # x\n    - d\n  - e\n",
            "\
             3:5 \"- c\" yaml-indentation: this item belongs to the text above it \
             (continues the text that begins on line 2) -- indent it like \
             the item above it; if it is text, put the whole text in quotes\n\
             4:5 \"- d\" yaml-indentation: this item belongs to the text above it \
             (continues the text that begins on line 3) -- indent it like \
             the item above it; if it is text, put the whole text in quotes",
        ),
        (
            "a: b\n  - c\n",
            "\
             2:3 \"- c\" yaml-indentation: this item belongs to the text above it (continues \
             the text that begins on line 1) -- a key has either a value after it or items \
             below it; if it is text, put the whole text in quotes",
        ),
        (
            "a:\n- b\n  - c\nd: 1\nd: 2\n",
            "\
             3:3 \"- c\" yaml-indentation: this item belongs to the text above it \
             (continues the text that begins on line 2) -- indent it like \
             the item above it; if it is text, put the whole text in quotes\n\
             5:1 \"d\" duplicate-key: the key `d` stands here again (first written on line 4, \
             column 1) -- keep one of the two",
        ),
        (
            "a:\n  - b # x\n    - c # y\n",
            "\
             3:5 \"- c\" yaml-indentation: this item belongs to the text above it \
             (continues the text that begins on line 2) -- indent it like \
             the item above it; if it is text, put the whole text in quotes",
        ),
        (
            "a: 1\nb\n",
            "\
             2:1 \"b\" yaml-colon: a key without `: ` after it (neither a key nor part of \
             the value above) -- write `key: value`, or indent the line under the key it \
             belongs to",
        ),
        (
            "a: |\n b\nc\n",
            "\
             3:1 \"c\" yaml-colon: a key without `: ` after it (neither a key nor part of \
             the value above) -- write `key: value`, or indent the line under the key it \
             belongs to",
        ),
        (
            "a: 1\n b: 2\n",
            "\
             2:2 \"b\" yaml-indentation: this line belongs to the text above it and cannot be \
             a key (continues the text that begins on line 1) -- a key has either a value \
             after it or lines below it; indent this line like the key it stands beside",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            "\
             3:2 \"c\" yaml-indentation: this line is indented unlike the lines it belongs to \
             -- give keys, and items, of the same level the same number of spaces",
        ),
        (
            "a:\n  b: 1\n    c: 2\n",
            "\
             3:5 \"c\" yaml-indentation: this line belongs to the text above it and cannot be \
             a key (continues the text that begins on line 2) -- a key has either a value \
             after it or lines below it; indent this line like the key it stands beside",
        ),
        (
            "  a: 1\nb: 2\n",
            "\
             2:1 \"b\" yaml-indentation: this line is indented unlike the lines it belongs to \
             -- give keys, and items, of the same level the same number of spaces",
        ),
        (
            "a:\n    - x\n  - y\n",
            "\
             3:3 \"- y\" yaml-indentation: this line is indented unlike the lines it belongs \
             to -- give keys, and items, of the same level the same number of spaces",
        ),
        (
            "- a\nb: c\n",
            "\
             2:1 \"b\" yaml-indentation: this line is indented unlike the lines it belongs to \
             -- give keys, and items, of the same level the same number of spaces",
        ),
        (
            "a: 1\n- b\n",
            "\
             2:3 \"b\" yaml-indentation: a list item where a key is expected -- indent it \
             like the items above it, or the list below its key",
        ),
        (
            "a: - b\n",
            "\
             1:4 \"- b\" yaml-indentation: a list item cannot start here -- start the list on \
             a line of its own below the key, or write `[a, b]`",
        ),
        (
            "a:1\nb:2\n",
            "\
             1:2 \":\" yaml-colon: there is no space after this colon -- write `key: value`: \
             without the space the whole file is one text",
        ),
        (
            "-a\n-b\n",
            "\
             1:1 \"-\" yaml-dash: there is no space after this dash -- write `- item`: \
             without the space the whole file is one text",
        ),
        ("a: @x\n", "1:4 \"@x\" yaml-quote: text cannot start with `@` -- put the text in quotes"),
        (
            "a: `x`\n",
            "\
             1:4 \"`x`\" yaml-quote: text cannot start with a backquote -- put the text in \
             quotes",
        ),
        ("a: %x\n", "1:4 \"%x\" yaml-quote: text cannot start with `%` -- put the text in quotes"),
        (
            "a: ,b\n",
            "\
             1:4 \",\" yaml-quote: text cannot start with a comma -- put the text in quotes, \
             or remove the comma",
        ),
        ("a: &\n", "1:4 \"&\" yaml-quote: text cannot start with `&` or `*` -- put the text in quotes"),
        ("a: *\n", "1:4 \"*\" yaml-quote: text cannot start with `&` or `*` -- put the text in quotes"),
        (
            "a: *x\n",
            "\
             1:4 \"*x\" yaml-alias: aliases are not supported (an alias) -- write the value \
             out here; to write text that starts with `*`, put it in quotes",
        ),
        (
            "%x\n",
            "\
             2:1 \"\" yaml-directive: a line that starts with `%` is an instruction to YAML, \
             and a document has to follow it -- remove the line, or put the text in quotes",
        ),
        ("%FOO bar\n---\na: 1\n", "{a: #1}"),
        ("%YAML 2.0\n---\na: 1\n", "1:1 \"%YAML 2.0\" yaml-directive: only YAML 1 is supported -- remove the line"),
        (
            "a: \"\\q\"\n",
            "\
             1:4 \"\\\"\\\\q\\\"\" yaml-escape: a backslash in these double quotes starts no \
             escape that YAML knows -- write `\\\\` for a backslash, or use single quotes, \
             where it is an ordinary character",
        ),
        (
            "a: 'x' y\n",
            "\
             1:8 \"y\" yaml-quote: text after a closing quote -- put the whole text in \
             quotes; a quote inside is written twice in single quotes, as `\\\"` in double \
             quotes",
        ),
        (
            "a: \"b\" c: d\n",
            "\
             1:8 \"c\" yaml-quote: text after a closing quote -- put the whole text in \
             quotes; a quote inside is written twice in single quotes, as `\\\"` in double \
             quotes",
        ),
        (
            "a: 'x\n  y' z\n",
            "\
             2:6 \"z\" yaml-quote: text after a closing quote -- put the whole text in \
             quotes; a quote inside is written twice in single quotes, as `\\\"` in double \
             quotes",
        ),
        (
            "<<: {a: 1}\n",
            "\
             1:1 \"<<\" yaml-merge-key: merge keys are not supported -- write the keys out \
             here, or put shared settings in a file of their own that is listed first",
        ),
        (
            "a: \u{1}\n",
            "\
             1:4 \"\\u{1}\" yaml-control-character: the control character `\\u{1}` -- remove \
             it; inside double quotes it can be written as an escape such as `\\x1b`",
        ),
        (
            "a: >x\n b\n",
            "\
             1:4 \">x\" yaml-block: `|` and `>` start a block of text and end their line -- \
             start the text on the next line, indented; to write `|` or `>` itself, put the \
             text in quotes",
        ),
        (
            "a: |0\n b\n",
            "\
             1:4 \"|0\" yaml-block: `|` and `>` start a block of text and end their line -- \
             start the text on the next line, indented; to write `|` or `>` itself, put the \
             text in quotes",
        ),
        (
            "a: !x y\n",
            "\
             1:4 \"!x\" yaml-tag: tags are not supported -- remove it; to make a value \
             text, put it in quotes",
        ),
        (
            "a: !<foo> y",
            "\
             1:4 \"!<foo>\" yaml-tag: tags are not supported -- remove it; to make \
             a value text, put it in quotes",
        ),
        (
            "a: !e!x y",
            "\
             1:4 \"!e!x y\" yaml-tag: tags are not supported -- remove it; to write text that \
             starts with `!`, put it in quotes",
        ),
        (
            "a: b # c\n  d\n",
            "\
             1:6 \"# c\" yaml-comment: a comment inside a text of several lines -- put the \
             comment before or after the whole text, or put the text in quotes",
        ),
        (
            "a: [#x]\n",
            "\
             1:5 \"#\" yaml-comment: a `#` without a space before it -- put a space before \
             the comment, or put the text in quotes",
        ),
        (
            "a: 1\nb: 2\na: 3\nb: 4\nc: {x: 1, 'x': 2}\na: 5",
            "\
             3:1 \"a\" duplicate-key: the key `a` stands here again (first written on line 1, \
             column 1) -- keep one of the two\n\
             4:1 \"b\" duplicate-key: the key `b` stands here again (first written on line 2, \
             column 1) -- keep one of the two\n\
             5:11 \"'x'\" duplicate-key: the key `x` stands here again (first written on line \
             5, column 5) -- keep one of the two\n\
             6:1 \"a\" duplicate-key: the key `a` stands here again (first written on line 1, \
             column 1) -- keep one of the two",
        ),
    ] {
        assert_eq!(read(text), told, "{text:?}");
    }
}
