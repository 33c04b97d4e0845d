package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// record is a line that a program printed, and when.
type record struct {
	text string // with its ANSI escape sequences
	at   time.Duration
}

// The terminal's size in characters, and a character's in pixels.
const (
	rows, cols            = 34, 118
	charWidth, lineHeight = 7, 17
	padding               = 14
	// longestPause keeps the time in which nothing is printed short.
	longestPause = 1200 * time.Millisecond
	// lastPause is how long the end stays before it begins again.
	lastPause = 6 * time.Second
)

// terminalStyle is dark in light and in dark surroundings, as a terminal is.
const terminalStyle = `
  .screen { fill: #0d1117; stroke: #30363d; }
  text { font: 11.6px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d1d7e0; white-space: pre; }
  .b { font-weight: 700; fill: #ffffff; }
  .f { fill: #7d8590; }
  .g { fill: #57c26a; }
  .y { fill: #d8b04a; }
  .r { fill: #f0746c; }
  .roll { animation: roll %.1fs steps(1, end) infinite; transform: translateY(%dpx); }
  @media (prefers-reduced-motion: reduce) { .roll { animation: none; } }
  @keyframes roll {
%s  }
`

// drawTerminal draws what a program printed as a terminal that scrolls: the lines
// stand below each other, and a window moves over them in the order and with the
// pauses in which they came. Whoever prefers no motion gets the end.
func drawTerminal(lines []record, label string) string {
	d := &drawing{width: cols*charWidth + 2*padding, height: rows*lineHeight + 2*padding, label: label}
	d.body.WriteString("<clipPath id=\"window\"><rect width=\"100%\" height=\"100%\" rx=\"8\"/></clipPath>\n")
	d.box(0, 0, d.width, d.height, "screen")
	d.body.WriteString("<g clip-path=\"url(#window)\"><g class=\"roll\">\n")
	for i, l := range lines {
		if spans := paint(l.text); spans != "" {
			fmt.Fprintf(&d.body, "<text x=\"%d\" y=\"%d\">%s</text>\n", padding, padding+i*lineHeight+lineHeight-4, spans)
		}
	}
	d.body.WriteString("</g></g>\n")
	times := pauses(lines)
	total := lastPause
	if len(times) > 0 {
		total += times[len(times)-1]
	}
	var frames strings.Builder
	for i, at := range times {
		// Lines that came together move together.
		if i+1 < len(times) && times[i+1] == at {
			continue
		}
		fmt.Fprintf(&frames, "    %.3f%% { transform: translateY(%dpx); }\n", 100*at.Seconds()/total.Seconds(), offset(i+1))
	}
	return d.svg(fmt.Sprintf(terminalStyle, total.Seconds(), offset(len(lines)), frames.String()))
}

// offset is how far the lines are moved so that the first n are what the window
// shows the end of.
func offset(n int) int { return min(0, (rows-n)*lineHeight) }

// pauses returns the times of the lines with long pauses made short, in steps
// that an eye can tell apart.
func pauses(lines []record) []time.Duration {
	const step = 100 * time.Millisecond
	var out []time.Duration
	var now, before time.Duration
	for _, l := range lines {
		now += min(l.at-before, longestPause)
		before = l.at
		out = append(out, now.Round(step))
	}
	return out
}

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// classes are the classes of the ANSI colors that the demo and the CLI use.
var classes = map[string]string{"1": "b", "2": "f", "90": "f", "31": "r", "32": "g", "33": "y"}

// paint turns a line with ANSI colors into spans.
func paint(line string) string {
	var out strings.Builder
	class, at := "", 0
	write := func(text string) {
		switch {
		case text == "":
		case class == "":
			out.WriteString(html.EscapeString(text))
		default:
			fmt.Fprintf(&out, "<tspan class=\"%s\">%s</tspan>", class, html.EscapeString(text))
		}
	}
	for _, found := range escape.FindAllStringSubmatchIndex(line, -1) {
		write(line[at:found[0]])
		at = found[1]
		switch code := line[found[2]:found[3]]; {
		case code == "" || code == "0":
			class = ""
		case classes[code] != "":
			class = classes[code]
		}
	}
	write(line[at:])
	return out.String()
}

// wrap breaks lines that are wider than the terminal, as a terminal does.
func wrap(lines []record) []record {
	var out []record
	for _, l := range lines {
		bare := escape.ReplaceAllString(l.text, "")
		if utf8.RuneCountInString(bare) <= cols {
			out = append(out, l)
			continue
		}
		for runes := []rune(bare); len(runes) > 0; {
			n := min(cols, len(runes))
			out = append(out, record{text: string(runes[:n]), at: l.at})
			runes = runes[n:]
		}
	}
	return out
}
