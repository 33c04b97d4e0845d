package driverkit

import (
	"maps"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Word is what a cloud's word for a state means.
type Word struct {
	State backend.State
	// Blocked is the clause of backend.Instance.Blocked, or empty.
	Blocked string
}

// States is a cloud's table of states. A word that is not in it is Unknown.
type States map[string]Word

// Modes are a cloud's words for the stopped modes.
type Modes map[string]backend.StoppedMode

// Word returns what a stop in a mode sends, or nothing for the cloud's default.
func (m Modes) Word(mode backend.StoppedMode) string {
	if mode != backend.KeepCharging && mode != backend.StopCharging {
		return ""
	}
	for _, word := range slices.Sorted(maps.Keys(m)) {
		if m[word] == mode {
			return word
		}
	}
	return ""
}

// WithSpot returns the charge type of an instance whose answer has the strategy of a
// spot instance in a field of its own: that of any other is empty, or the word none.
func WithSpot(charge backend.ChargeType, strategy, none string) backend.ChargeType {
	if charge == backend.PayAsYouGo && strategy != "" && strategy != none {
		return backend.Spot
	}
	return charge
}

// Fill returns the page with the translated list of an answer. An entry that is null, or
// has no id, might be any instance that was asked for.
func Fill[T any](page Page, list []*T, of func(*T) backend.Instance) (Page, error) {
	page.Instances = make([]backend.Instance, len(list))
	for i, item := range list {
		if item != nil {
			page.Instances[i] = of(item)
		}
		if page.Instances[i].ID == "" {
			return page, page.Incomplete("it lists an instance without an id")
		}
	}
	return page, nil
}

// collector holds the instances of a describe call page by page: those that were
// asked for, each once, although a listing that moves may repeat one.
type collector struct {
	ids  []string
	seen map[string]bool
	list []backend.Instance
}

func newCollector(ids []string) *collector {
	return &collector{ids: ids, seen: make(map[string]bool, len(ids)), list: make([]backend.Instance, 0, len(ids))}
}

func (c *collector) add(page Page) {
	for _, in := range page.Instances {
		if c.seen[in.ID] {
			continue
		}
		c.seen[in.ID] = true
		if slices.Contains(c.ids, in.ID) {
			c.list = append(c.list, in)
		}
	}
}

// listed is how many instances were listed, asked for or not.
func (c *collector) listed() int { return len(c.seen) }

// all reports whether each id was found.
func (c *collector) all() bool { return len(c.list) == len(c.ids) }

// none returns the result of a call that failed. Some clouds refuse the description
// of one instance that does not exist, which the contract calls no error; of several,
// the refusal says nothing about the others.
func (c *collector) none(err error) ([]backend.Instance, error) {
	if len(c.ids) == 1 && Fault(err).Kind == backend.KindNotFound {
		return nil, nil
	}
	return nil, err
}

// instances returns what was found, with visible texts.
func (c *collector) instances() []backend.Instance { return VisibleInstances(c.list) }

// Tags returns the tags of a cloud's list, or nil where there are none. read
// reports false for an entry that is no tag.
func Tags[T any](list []T, read func(T) (key, value string, ok bool)) map[string]string {
	if len(list) == 0 {
		return nil
	}
	tags := make(map[string]string, len(list))
	for _, item := range list {
		if key, value, ok := read(item); ok {
			tags[key] = value
		}
	}
	if len(tags) == 0 {
		return nil
	}
	return tags
}

// First returns the first value that is not empty.
func First(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
