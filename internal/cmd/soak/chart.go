package main

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// The measures of the chart, in pixels: a panel for each figure, one below the other.
const (
	chartWidth = 760
	panel      = 110
	left       = 60
	right      = 20
	titleSpace = 34
	plotHeight = 60
	axisSpace  = 40
)

// chart is the report as SVG. Each panel begins at zero, so that what is flat looks
// flat.
func (r *report) chart() string {
	var b strings.Builder
	all := measures()
	height := len(all)*panel + axisSpace
	title := fmt.Sprintf("One process of the provider, %s, %d cycles", r.date.Format(time.DateOnly), len(r.samples))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img"`,
		chartWidth, height)
	fmt.Fprintf(&b, ` font-family="sans-serif" font-size="12">
<title>%s</title>
<rect width="100%%" height="100%%" fill="#fff"/>
`, html.EscapeString(title))
	for i, m := range all {
		r.panel(&b, m, i*panel)
	}
	bottom := len(all)*panel + 4
	for tick := range 5 {
		at := r.length() * time.Duration(tick) / 4
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%s</text>`+"\n", r.x(at), bottom+12,
			clock(at))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#222">%s</text>`+"\n</svg>\n", chartWidth/2, bottom+30,
		html.EscapeString(title))
	return b.String()
}

// panel draws one figure.
func (r *report) panel(b *strings.Builder, m measure, top int) {
	values := m.values(r.samples)
	most := slices.Max(values)
	scale := most * 1.1
	if scale == 0 {
		scale = 1
	}
	base := float64(top + titleSpace + plotHeight)
	y := func(v float64) float64 { return base - v/scale*plotHeight }
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#222">%s</text>`+"\n", left, top+titleSpace-10, html.EscapeString(m.name))
	for _, v := range []float64{0, most} {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>`+"\n", left, chartWidth-right, y(v), y(v))
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end" fill="#555">%s</text>`+"\n", left-6, y(v)+4, m.text(v))
	}
	points := make([]string, len(values))
	for i, v := range values {
		points[i] = fmt.Sprintf("%.1f,%.1f", r.x(r.samples[i].at), y(v))
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="#0b6bcb" stroke-width="1.5"/>`+"\n",
		strings.Join(points, " "))
}

// x is where a time is.
func (r *report) x(at time.Duration) float64 {
	return left + float64(at)/float64(max(1, r.length()))*(chartWidth-left-right)
}

// clock is a time in minutes, or in seconds where that says more.
func clock(d time.Duration) string {
	if d > 0 && d < 10*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}
