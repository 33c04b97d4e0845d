package main

// layer is a package, or several, with what it does and what passes to the one
// below.
type layer struct{ name, does, passes string }

// layers are those of DESIGN.md, from the top.
var layers = []layer{
	{"Terraform or OpenTofu", "plans and applies", "plugin protocol 6"},
	{"provider", "resources, fleet, actions, data sources; diagnostics", "an id, a target, a deadline"},
	{"powerstate", "observes, decides, judges and waits: one operation for each instance", "one id, one call"},
	{"dispatch", "batches, limits, splits and polls the calls", "up to 100 ids in a call"},
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
			d.arrow(left+width/2, y+height, left+width/2, y+height+between, "line")
			d.text(left+width/2+12, y+height+between/2+4, "small", l.passes)
		}
	}
	return d.svg(style)
}
