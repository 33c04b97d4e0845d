package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// margin is what the CLI's own words are set in by.
const margin = "   | "

// overrideWarning begins the warning that the CLI prints with every command when
// its provider is one that was just built, and overrideEnd is its last word.
// Terraform and OpenTofu have the same.
const (
	overrideWarning = "Warning: Provider development overrides are in effect"
	overrideEnd     = "releases."
)

// page shows what the CLI prints, set in. It leaves out the warning about the
// override, which would hide what matters; what does not look exactly like that
// warning is shown, abridged or not.
type page struct {
	w          io.Writer
	only       *abridger // nil shows everything
	part       []byte    // a line that has no end yet
	held       []string  // what may be part of the warning
	in         bool      // the first line of the warning was seen
	began, gap bool      // a line was shown, and an empty one is due before the next
	err        error
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Write implements io.Writer.
func (p *page) Write(data []byte) (int, error) {
	p.part = append(p.part, data...)
	for {
		line, rest, found := bytes.Cut(p.part, []byte("\n"))
		if !found {
			return len(data), p.err
		}
		p.line(string(line))
		p.part = append([]byte(nil), rest...)
	}
}

// newPage returns a page that shows everything, or, with what was shown before, an
// abridged output.
func newPage(w io.Writer, seen map[string]bool) *page {
	p := &page{w: w}
	if seen != nil {
		p.only = &abridger{next: p.show, seen: seen}
	}
	return p
}

// close shows what is left.
func (p *page) close() error {
	if len(p.part) > 0 {
		p.line(string(p.part))
	}
	p.part, p.in = nil, false
	p.release()
	return p.err
}

func (p *page) line(line string) {
	text := strings.TrimSpace(escapes.ReplaceAllString(line, ""))
	boxed := strings.TrimSpace(strings.TrimPrefix(text, "│"))
	switch {
	case p.in && text == "╵", p.in && !strings.HasPrefix(text, "│") && strings.HasSuffix(text, overrideEnd):
		p.in, p.held = false, nil
	case p.in:
		p.held = append(p.held, line)
	case boxed == overrideWarning:
		p.in = true
		p.held = append(p.held, line)
	case text == "╷":
		p.release()
		p.held = append(p.held, line)
	default:
		p.release()
		p.pass(line)
	}
}

func (p *page) release() {
	for _, line := range p.held {
		p.pass(line)
	}
	p.held = nil
}

// pass shows a line, unless the abridged output does without it.
func (p *page) pass(line string) {
	if p.only == nil {
		p.show(line)
		return
	}
	p.only.line(line)
}

// show writes a line. Of several empty lines it writes one, and none at the
// beginning or the end.
func (p *page) show(line string) {
	if bare(line) == "" && !strings.Contains(line, "│") {
		p.gap = p.began
		return
	}
	if p.gap {
		p.write("")
	}
	p.began, p.gap = true, false
	p.write(line)
}

func (p *page) write(line string) {
	if _, err := io.WriteString(p.w, strings.TrimRight(margin+line, " ")+"\n"); err != nil && p.err == nil {
		p.err = err
	}
}
