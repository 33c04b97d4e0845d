package main

// layer is a package, or several, with what it does and what it passes to the one
// below.
type layer struct{ name, does, passes string }

// layers are shown in DESIGN.md, from the top.
var layers = []layer{
	{"Terraform or OpenTofu", "plans and applies", "plugin protocol 6"},
	{
		"provider", "resources, fleet, actions, data sources; diagnostics",
		"Reach, Observe, Preflight: an id, a target, a deadline",
	},
	{
		"powerstate", "observes, decides, judges and waits: one operation for each instance",
		"Observe, Poll, Send, DryRun: one id, one call",
	},
	{
		"dispatch", "batches (package coalesce), limits, splits and polls the calls",
		"Describe, Start, Stop, Reboot: up to 100 ids",
	},
	{"backend", "one driver for each cloud: tables, requests, state words", "HTTPS, the vendor's SDK"},
	{"the cloud", "in tests the simulator, which shares no code with the drivers", ""},
}

// drawLayers draws the packages of the provider, and what passes between them.
func drawLayers() string {
	const (
		left, width     = 20, 640
		height, between = 52, 40
	)
	d := &drawing{width: width + 2*left, height: 20 + len(layers)*(height+between) - between + 20}
	d.label = "The layers of the provider, from Terraform to the cloud"
	for i, l := range layers {
		y := 20 + i*(height+between)
		d.box(left, y, width, height, "box")
		d.text(left+16, y+22, "bold", l.name)
		d.text(left+16, y+41, "small", l.does)
		if l.passes != "" {
			const x = left + width/4
			d.arrow(x, y+height, x, y+height+between, "line")
			d.text(x+12, y+height+between/2+4, "small", l.passes)
		}
	}
	return d.svg(style)
}
