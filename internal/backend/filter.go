package backend

import (
	"maps"
	"slices"
	"strings"
)

// Matches reports whether an instance fits the whole filter. A driver applies
// it to each page, whatever the cloud was asked to leave out: what a cloud's own
// filter finds may be more than this, and must not be less. Letters of another
// case are other letters.
func (f Filter) Matches(in Instance) bool {
	if f.Name != "" && !matchesPattern(f.Name, in.Name) {
		return false
	}
	for key, want := range f.Tags {
		if value, tagged := in.Tags[key]; !tagged || want != "" && value != want {
			return false
		}
	}
	return true
}

// Keep returns the instances of a page that fit the filter.
func (f Filter) Keep(page []Instance) []Instance {
	return slices.DeleteFunc(page, func(in Instance) bool { return !f.Matches(in) })
}

// ExactName returns the name that the filter asks for, or nothing where it asks
// for a pattern.
func (f Filter) ExactName() string {
	if strings.Contains(f.Name, "*") {
		return ""
	}
	return f.Name
}

// NamePrefix returns what every name that fits begins with. It may be empty.
func (f Filter) NamePrefix() string {
	prefix, _, _ := strings.Cut(f.Name, "*")
	return prefix
}

// TagsWithValues returns the keys of the tags that must have a certain value,
// in a stable order and at most as many as limit; KeysAlone those of the tags
// that may have any.
func (f Filter) TagsWithValues(limit int) []string { return f.tagKeys(limit, true) }

// KeysAlone is the counterpart of TagsWithValues.
func (f Filter) KeysAlone(limit int) []string { return f.tagKeys(limit, false) }

func (f Filter) tagKeys(limit int, valued bool) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(f.Tags)) {
		if (f.Tags[key] != "") == valued && len(keys) < limit {
			keys = append(keys, key)
		}
	}
	return keys
}

// matchesPattern compares a name with a pattern in which * stands for any
// characters. It takes the first place for each part, so that it never has to
// go back.
func matchesPattern(pattern, name string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		if _, name, ok = strings.Cut(name, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(name, last)
}
