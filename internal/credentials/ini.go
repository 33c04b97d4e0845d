package credentials

import (
	"strings"
)

// iniSection is one section of an INI file.
type iniSection struct {
	name   string
	line   int
	values map[string]string
	lines  map[string]int
}

// parseINI reads the simple form that the vendors' SDKs use: sections, keys and
// values, and comments that begin with # or ; on a line of their own or after
// white space. Keys have no case. An error holds nothing of the text but the
// names of sections and keys.
func parseINI(data []byte) ([]*iniSection, error) {
	var sections []*iniSection
	byName := make(map[string]*iniSection)
	var current *iniSection
	for i, line := range strings.Split(string(data), "\n") {
		number := i + 1
		line = strings.TrimSpace(withoutComment(line))
		switch {
		case line == "":
		case strings.HasPrefix(line, "["):
			name, ok := strings.CutSuffix(line[1:], "]")
			if !ok {
				return nil, &syntaxError{number, "the name of a section does not end in ]"}
			}
			name = strings.TrimSpace(name)
			if byName[name] != nil {
				return nil, &syntaxError{number, "the section " + quote(name) + " appears twice"}
			}
			current = &iniSection{name: name, line: number, values: make(map[string]string), lines: make(map[string]int)}
			byName[name] = current
			sections = append(sections, current)
		default:
			key, value, ok := strings.Cut(line, "=")
			key = strings.ToLower(strings.TrimSpace(key))
			if !ok || key == "" {
				return nil, &syntaxError{number, "this is neither a section nor a key with a value"}
			}
			if current == nil {
				return nil, &syntaxError{number, "a key stands before the first section"}
			}
			if _, twice := current.values[key]; twice {
				return nil, &syntaxError{number, "the key " + quote(key) + " appears twice in the section " + quote(current.name)}
			}
			current.values[key], current.lines[key] = strings.TrimSpace(value), number
		}
	}
	return sections, nil
}

// withoutComment cuts a comment off. Keys hold no white space, so that one
// within a value cannot be part of a key.
func withoutComment(line string) string {
	for i, r := range line {
		if (r == '#' || r == ';') && strings.TrimSpace(line[:i]) == "" {
			return ""
		}
		if (r == '#' || r == ';') && strings.ContainsRune(" \t", rune(line[i-1])) {
			return line[:i]
		}
	}
	return line
}
