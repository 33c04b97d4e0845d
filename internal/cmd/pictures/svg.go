package main

import (
	"fmt"
	"html"
	"strings"
)

// drawing is an SVG under construction. Lengths are pixels. Its colors are named
// in classes, which the style sheet of the drawing gives for light and for dark
// surroundings.
type drawing struct {
	width, height int
	label         string // for those who cannot see it
	body          strings.Builder
}

// style is the style sheet of the drawings that are not a terminal. The classes
// a, b and c tell three things apart, also without color: by their lightness.
const style = `
  text { font: 14px ui-sans-serif, system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 12px; fill: #59636e; }
  .bold { font-weight: 600; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .box { fill: #f6f8fa; stroke: #8c959f; }
  .line { stroke: #8c959f; fill: none; }
  .dash { stroke-dasharray: 4 4; }
  .arrow { fill: #8c959f; }
  .a { fill: #0b5cad; }
  .b { fill: #8fb8de; }
  .c { fill: #c9d1d9; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .box { fill: #161b22; stroke: #656c76; }
    .line { stroke: #656c76; }
    .arrow { fill: #656c76; }
    .a { fill: #58a6ff; }
    .b { fill: #31597f; }
    .c { fill: #3d444d; }
  }
`

func (d *drawing) text(x, y int, class, text string) {
	fmt.Fprintf(&d.body, "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, html.EscapeString(text))
}

func (d *drawing) box(x, y, width, height int, class string) {
	fmt.Fprintf(&d.body, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" class=\"%s\"/>\n",
		x, y, width, height, class)
}

func (d *drawing) line(x1, y1, x2, y2 int, class string) {
	fmt.Fprintf(&d.body, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s\"/>\n", x1, y1, x2, y2, class)
}

// arrow draws a line with a head at its second end. It is level or upright.
func (d *drawing) arrow(x1, y1, x2, y2 int, class string) {
	d.line(x1, y1, x2, y2, class)
	const size = 4
	switch {
	case x2 > x1:
		d.head(x2, y2, -2*size, -size, -2*size, size)
	case x2 < x1:
		d.head(x2, y2, 2*size, -size, 2*size, size)
	case y2 > y1:
		d.head(x2, y2, -size, -2*size, size, -2*size)
	default:
		d.head(x2, y2, -size, 2*size, size, 2*size)
	}
}

func (d *drawing) head(x, y, dx1, dy1, dx2, dy2 int) {
	fmt.Fprintf(&d.body, "<path d=\"M%d %dl%d %dL%d %dz\" class=\"arrow\"/>\n", x, y, dx1, dy1, x+dx2, y+dy2)
}

// svg returns the file.
func (d *drawing) svg(style string) string {
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "+
		"role=\"img\" aria-label=\"%s\">\n<style>%s</style>\n%s</svg>\n",
		d.width, d.height, d.width, d.height, html.EscapeString(d.label), style, d.body.String())
}
