package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// node is a value of a JSON document that remembers its line, which the
// decoder of the standard library does not report. That one also quotes values in
// its errors, and takes the last of two equal keys without a word.
type node struct {
	kind    nodeKind
	line    int
	text    string // of a string or a number
	items   []*node
	keys    []string // of an object, in order
	members map[string]*node
}

type nodeKind string

// The kinds, as messages name them.
const (
	isNull    nodeKind = "null"
	isBoolean nodeKind = "true or false"
	isNumber  nodeKind = "a number"
	isText    nodeKind = "a string"
	isList    nodeKind = "a list"
	isObject  nodeKind = "an object"
)

// maxDepth bounds the nesting; real files have three levels.
const maxDepth = 32

// syntaxError is where a document is malformed, without any of its text.
type syntaxError struct {
	line    int
	problem string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.problem) }

// parseJSON reads one document. An empty one is null.
func parseJSON(data []byte) (*node, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return &node{kind: isNull, line: 1}, nil
	}
	p := &jsonParser{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	p.decoder.UseNumber()
	root, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, p.fail("the file continues after the end of its JSON")
	}
	return root, nil
}

type jsonParser struct {
	data    []byte
	decoder *json.Decoder
}

func (p *jsonParser) line() int {
	end := min(p.decoder.InputOffset(), int64(len(p.data)))
	return 1 + bytes.Count(p.data[:end], []byte("\n"))
}

func (p *jsonParser) fail(problem string) error {
	return &syntaxError{line: p.line(), problem: problem}
}

// token reads one token; the decoder's text stays out of the error.
func (p *jsonParser) token() (json.Token, error) {
	token, err := p.decoder.Token()
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.fail("the file ends in the middle of its JSON")
	default:
		return nil, p.fail("this is not valid JSON")
	}
}

func (p *jsonParser) value(depth int) (*node, error) {
	token, err := p.token()
	if err != nil {
		return nil, err
	}
	n := &node{line: p.line()}
	switch t := token.(type) {
	case nil:
		n.kind = isNull
	case bool:
		n.kind = isBoolean
		n.text = strconv.FormatBool(t)
	case json.Number:
		n.kind, n.text = isNumber, t.String()
	case string:
		n.kind, n.text = isText, t
	case json.Delim:
		if depth == maxDepth {
			return nil, p.fail("the JSON is nested too deeply")
		}
		if t == '{' {
			return p.object(n, depth)
		}
		return p.list(n, depth)
	}
	return n, nil
}

func (p *jsonParser) list(n *node, depth int) (*node, error) {
	n.kind = isList
	for p.decoder.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, err := p.token()
	return n, err
}

func (p *jsonParser) object(n *node, depth int) (*node, error) {
	n.kind, n.members = isObject, make(map[string]*node)
	for p.decoder.More() {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, p.fail("this is not valid JSON")
		}
		if n.members[key] != nil {
			return nil, p.fail("the key " + quote(key) + " appears twice")
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.keys = append(n.keys, key)
		n.members[key] = value
	}
	_, err := p.token()
	return n, err
}

// maxQuoted bounds a name that is quoted in a message.
const maxQuoted = 64

// quote quotes a name for a message, shortened where it is long.
func quote(name string) string {
	if runes := []rune(name); len(runes) > maxQuoted {
		name = string(runes[:maxQuoted]) + "..."
	}
	return strconv.Quote(name)
}
