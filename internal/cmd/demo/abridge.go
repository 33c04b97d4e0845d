package main

import (
	"regexp"
	"strings"
)

// abridger passes on the lines of the CLI's output that a newcomer needs: which
// resources change and how, warnings and errors, and how each command ended. It
// leaves out progress that has a result later, attributes that keep their
// default or are not known yet, and paragraphs that are the same each time. What
// it does not recognize it passes on.
type abridger struct {
	next func(line string)
	// until ends a paragraph that is left out: a line that it matches is the
	// last one.
	until *regexp.Regexp
	// change is what happens to the resource whose attributes are read, such as
	// "created"; it is empty outside such a block. depth counts its open braces.
	change string
	depth  int
	ended  bool // the line before ended such a block
	title  bool // the line before was the title of a warning or an error, or its address
	// seen holds the first lines of what is shown once in a demo: a plan and its
	// apply print the same warnings and outputs.
	seen     map[string]bool
	repeated bool // what is read now was shown before
}

// The lines of Terraform and OpenTofu that an abridged output does without.
var (
	blank    = regexp.MustCompile(`^$`)
	progress = regexp.MustCompile(`: (Refreshing state|Reading|Read complete|Creating|Modifying|Destroying|` +
		`Still (creating|modifying|destroying|reading))\b`)
	heading = regexp.MustCompile(`^# .* (?:will be|has) (created|updated in-place|destroyed|changed)$`)

	// A paragraph that each run has begins with first and ends with last.
	boilerplate = []struct{ first, last *regexp.Regexp }{
		{
			regexp.MustCompile(`used the selected providers to generate`),
			regexp.MustCompile(`perform the following actions:$`),
		},
		{regexp.MustCompile(`detected the following changes made outside`), blank},
		{regexp.MustCompile(`^Unless you have made equivalent changes`), blank},
		{regexp.MustCompile(`has compared your real infrastructure`), blank},
		{regexp.MustCompile(`^Changes to Outputs:$`), blank},
		{regexp.MustCompile(`^on \S+ line \d+`), blank},
		{regexp.MustCompile(`^─+$`), blank},
	}

	once    = regexp.MustCompile(`^(Warning: |Outputs:$)`)
	heads   = regexp.MustCompile(`^(Warning: |Error: |with \S+,$)`)
	another = regexp.MustCompile(`^(Warning: |Error: |Plan: |Apply complete|Destroy complete|No changes|Outputs:|# )|` +
		`: (Creation|Modifications|Destruction) complete`)

	attribute = regexp.MustCompile(`^[-+~] "?([\w-]+)"?\s+= (.*)$`)
)

// defaults are attributes whose value in the plan of a new resource says nothing
// new: they keep their default, or the heading names them.
var defaults = map[string]string{
	"allow_restart": "false", "force_stop": "false", "on_destroy": `"leave"`, "max_failures": `"0"`, "instances": "{}",
	"id": "", "instance_id": "", "cloud": "", "region": "", "instance_name": "", "public_ip": "", "private_ip": "",
}

const unknown = "(known after apply)"

func (a *abridger) line(line string) {
	text := bare(line)
	if another.MatchString(text) {
		a.repeated = once.MatchString(text) && a.seen[text]
		if once.MatchString(text) {
			a.seen[text] = true
		}
	}
	if text == "╷" || text == "╵" {
		// The corners of a box. What begins one ends any paragraph before it.
		a.until = nil
		a.next("")
		return
	}
	switch {
	case a.repeated:
	case a.until != nil:
		if a.until.MatchString(text) {
			a.until = nil
		}
	case a.change != "":
		a.attribute(line, text)
	case text == "" && (a.ended || a.title):
		// Blocks follow each other closely, as do a title and its text.
	case progress.MatchString(text), a.begins(text):
	default:
		a.announce(line, text)
	}
}

// announce passes on a line outside a block. The resources that a destroy
// forgets are left out: each is named again when it is gone.
func (a *abridger) announce(line, text string) {
	if match := heading.FindStringSubmatch(text); match != nil {
		a.change = match[1]
	} else if a.ended {
		a.next("")
	}
	a.ended, a.title = false, heads.MatchString(text)
	switch {
	case a.change == "destroyed":
	case strings.HasPrefix(text, "with ") && strings.HasSuffix(text, ","):
		// The file and the line that follow are left out.
		a.next(strings.Replace(line, text, strings.TrimSuffix(text, ","), 1))
	default:
		a.next(line)
	}
}

// bare returns a line without colors, indentation and the border of a box.
func bare(line string) string {
	text := strings.TrimSpace(escapes.ReplaceAllString(line, ""))
	return strings.TrimSpace(strings.TrimPrefix(text, "│"))
}

// begins reports whether a line is the first of a paragraph that is left out.
func (a *abridger) begins(text string) bool {
	for _, paragraph := range boilerplate {
		if paragraph.first.MatchString(text) {
			a.until, a.ended = paragraph.last, false
			if !a.title {
				a.next("")
			}
			return true
		}
	}
	return false
}

// attribute passes on a line of a resource's block if it says what changes.
func (a *abridger) attribute(line, text string) {
	opens := strings.HasSuffix(text, "{")
	switch {
	case opens:
		a.depth++
	case strings.HasPrefix(text, "}"):
		a.depth--
	}
	switch {
	case a.depth == 0:
		a.change, a.ended = "", true
	case a.depth == 1 && opens, a.change == "destroyed", strings.HasPrefix(text, "#"), strings.Contains(text, unknown):
	case a.change == "created":
		match := attribute.FindStringSubmatch(text)
		if a.depth == 1 && match != nil && !isDefault(match[1], match[2]) {
			a.next(line)
		}
	case strings.HasPrefix(text, "~"), strings.HasPrefix(text, "+"), strings.HasPrefix(text, "-"),
		a.depth > 1, strings.HasPrefix(text, "}"):
		a.next(line)
	}
}

func isDefault(name, value string) bool {
	usual, listed := defaults[name]
	return listed && (usual == "" || usual == value)
}
