package provider

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// shownWarning is a warning as a person sees it. The CLI shows one of those with equal
// summaries, and says how many more there are.
type shownWarning struct {
	summary, detail string
}

// colors are what the CLI puts around texts.
var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// shownWarnings reads the boxes of warnings in the output of a CLI that shows colors. What
// it shows of the configuration is not a part of them.
func shownWarnings(out string) []shownWarning {
	var all []shownWarning
	for _, box := range strings.Split(colors.ReplaceAllString(out, ""), "╷\n")[1:] {
		box, _, _ = strings.Cut(box, "╵")
		var parts []string // divided by empty lines
		for line := range strings.Lines(box) {
			line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimRight(line, " \n"), "│"), " ")
			if line == "" || len(parts) == 0 {
				parts = append(parts, line)
				continue
			}
			parts[len(parts)-1] += "\n" + line
		}
		summary, ok := strings.CutPrefix(parts[0], "Warning: ")
		if !ok {
			continue
		}
		parts = parts[1:]
		if len(parts) > 0 && (strings.HasPrefix(parts[0], "\n  with ") || strings.HasPrefix(parts[0], "\n  on ")) {
			parts = parts[1:]
		}
		all = append(all, shownWarning{summary, strings.Join(strings.Fields(strings.Join(parts, " ")), " ")})
	}
	return all
}

// savedPlan is a saved plan as the CLI describes it to programs.
type savedPlan struct {
	ResourceChanges []savedChange          `json:"resource_changes"`
	OutputChanges   map[string]savedOutput `json:"output_changes"`
}

type savedChange struct {
	Address string
	Change  struct {
		After        map[string]any
		AfterUnknown map[string]any `json:"after_unknown"`
	}
}

type savedOutput struct {
	AfterUnknown any `json:"after_unknown"`
}

// savedPlan reads a plan that a file holds.
func (c *cli) savedPlan(file string) savedPlan {
	c.t.Helper()
	out, err := c.run("show", "-json", file)
	if err != nil {
		c.t.Fatalf("show %s: %v\n%s", file, err, out)
	}
	var plan savedPlan
	if err := json.Unmarshal([]byte(out), &plan); err != nil {
		c.t.Fatalf("show %s: %v\n%s", file, err, out)
	}
	return plan
}

// of returns what becomes of a resource.
func (p savedPlan) of(address string) savedChange {
	for _, change := range p.ResourceChanges {
		if change.Address == address {
			return change
		}
	}
	return savedChange{}
}

// unknownMembers are the ids of a fleet's instances of which the plan does not know all.
func (s savedChange) unknownMembers() []string {
	members, _ := s.Change.AfterUnknown["instances"].(map[string]any)
	var ids []string
	for id, value := range members {
		if isUnknown(value) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// isUnknown reports whether a value, or a part of it, is unknown, as the CLI says it: true
// in its place.
func isUnknown(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case map[string]any:
		for _, part := range v {
			if isUnknown(part) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, isUnknown)
	}
	return false
}
