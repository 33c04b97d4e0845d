package main

// message is an arrow of the sequence, or a note where both ends are the same.
type message struct {
	from, to int // columns
	text     string
	answer   bool
}

var columns = []string{"Terraform", "provider", "cloud"}

// flow is how one stop goes, from the plan to the end of the apply.
var flow = []message{
	{0, 1, "plan: state = \"stopped\"", false},
	{1, 2, "describe", false},
	{2, 1, "RUNNING, pay-as-you-go", true},
	{1, 0, "the change, and its warnings", true},
	{0, 1, "apply", false},
	{1, 2, "describe, unless it was read less than a second ago", false},
	{1, 2, "StopInstances: graceful, up to 100 ids in a call", false},
	{2, 1, "accepted", true},
	{1, 2, "describe, when the stop is likely to have ended", false},
	{2, 1, "STOPPING", true},
	{1, 2, "describe again, in one call with all other waits", false},
	{2, 1, "STOPPED, and its billing mode", true},
	{1, 0, "state = \"stopped\", as the cloud reported it", true},
}

// drawFlow draws the sequence of calls of one stop.
func drawFlow() string {
	const left, apart, top, step = 90, 360, 60, 34
	d := &drawing{width: 2*left + apart*(len(columns)-1), height: top + step*(len(flow)+1)}
	d.label = "A stop, from the plan to the state that the cloud reports"
	for i, name := range columns {
		x := left + i*apart
		d.line(x, top-20, x, d.height-16, "line dash")
		d.box(x-60, 12, 120, 30, "box")
		d.text(x, 32, "bold middle", name)
	}
	for i, m := range flow {
		y := top + step*(i+1) - 8
		from, to := left+m.from*apart, left+m.to*apart
		class := "line"
		if m.answer {
			class += " dash"
		}
		d.arrow(from, y, to, y, class)
		d.text((from+to)/2, y-6, "small middle", m.text)
	}
	return d.svg(style)
}
