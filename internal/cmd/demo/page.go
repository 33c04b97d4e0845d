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

// page shows what the CLI prints, set in, and leaves out the warning about the
// override, which would hide what matters. What does not look exactly like that
// warning is shown.
type page struct {
	w    io.Writer
	part []byte   // a line that has no end yet
	held []string // what may be part of the warning
	in   bool     // the first line of the warning was seen
	last string   // the last line that was shown, without colors
	err  error
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
		p.show(line)
	}
}

func (p *page) release() {
	for _, line := range p.held {
		p.show(line)
	}
	p.held = nil
}

// show writes a line, but not a second empty one.
func (p *page) show(line string) {
	text := strings.TrimSpace(escapes.ReplaceAllString(line, ""))
	if text == "" && p.last == "" {
		return
	}
	p.last = text
	if _, err := io.WriteString(p.w, strings.TrimRight(margin+line, " ")+"\n"); err != nil && p.err == nil {
		p.err = err
	}
}
