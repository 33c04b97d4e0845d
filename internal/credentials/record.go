package credentials

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// record is an object of a JSON file that is read key by key. It keeps the
// first error, so that a reader checks once.
type record struct {
	path string // as messages show it
	name string // such as `profile "ops"`; may be empty
	node *node
	err  error
}

// parseFile parses the JSON of a file. Its error names path and line.
func parseFile(path string, data []byte) (*node, error) {
	root, err := parseJSON(data)
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		return nil, invalid("%s, line %d: %s", path, syntax.line, syntax.problem)
	}
	return root, err
}

// newRecord returns the record of an object; null is an object without keys.
func newRecord(path, name string, n *node) *record {
	r := &record{path: path, name: name, node: n}
	switch n.kind {
	case isObject:
	case isNull:
		r.node = &node{kind: isObject, line: n.line}
	default:
		r.err = r.problem(n.line, fmt.Sprintf("this is %s, and must be an object", n.kind))
		r.node = &node{kind: isObject, line: n.line}
	}
	return r
}

// problem returns an error that names path, line and profile.
func (r *record) problem(line int, text string) *Error {
	name := r.name
	if name != "" {
		name += ": "
	}
	return invalid("%s, line %d: %s%s", r.path, line, name, text)
}

// at returns the node of a key; nil where it is absent or null, or of another
// kind than wanted, which is an error.
func (r *record) at(key string, kind nodeKind) *node {
	n := r.node.members[key]
	if n == nil || n.kind == isNull {
		return nil
	}
	if n.kind != kind {
		if r.err == nil {
			r.err = r.problem(n.line, fmt.Sprintf("%s is %s, and must be %s", quote(key), n.kind, kind))
		}
		return nil
	}
	return n
}

// text returns a string, without white space around it.
func (r *record) text(key string) string {
	n := r.at(key, isText)
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// number returns a whole number, 0 where there is none.
func (r *record) number(key string) int64 {
	n := r.at(key, isNumber)
	if n == nil {
		return 0
	}
	value, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil && r.err == nil {
		r.err = r.problem(n.line, quote(key)+" is not a whole number")
	}
	return value
}

// missing returns the error for keys that must be there and are not.
func (r *record) missing(what string, keys ...string) error {
	if r.err != nil {
		return r.err
	}
	var absent []string
	for _, key := range keys {
		if r.text(key) == "" {
			absent = append(absent, quote(key))
		}
	}
	if r.err != nil {
		return r.err
	}
	if len(absent) == 0 {
		return nil
	}
	return r.problem(r.node.line, what+" needs "+plural(absent))
}

// names lists names for a message: at most ten, quoted.
func names(all []string) string {
	const most = 10
	quoted := make([]string, 0, most+1)
	for i, name := range all {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("%d more", len(all)-most))
			break
		}
		quoted = append(quoted, quote(name))
	}
	if len(quoted) == 0 {
		return "none"
	}
	return strings.Join(quoted, ", ")
}
