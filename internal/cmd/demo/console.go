package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// console is where the demo talks to the user.
type console struct {
	w     io.Writer
	color bool
	steps int
	err   error // the first write that failed
}

func newConsole(w io.Writer, color bool) *console { return &console{w: w, color: color} }

// wantsColor reports whether a file is a terminal whose user has nothing against
// color (https://no-color.org), or whose user wants it in any case
// (https://bixense.com/clicolors).
func wantsColor(f *os.File, getenv func(string) string) bool {
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Write implements io.Writer. A failure is kept for the end as well, so that a
// demo whose account was not seen is no success.
func (c *console) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// The colors, as ANSI escape sequences.
const (
	bold  = "\x1b[1m"
	green = "\x1b[32m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

func (c *console) paint(color, text string) string {
	if !c.color {
		return text
	}
	return color + text + plain
}

// overview lists all steps before the first.
func (c *console) overview(introduction string, titles []string) {
	fmt.Fprintf(c, "\n%s\n\n", c.paint(bold, introduction))
	for i, title := range titles {
		fmt.Fprintf(c, "   %2d. %s\n", i+1, title)
	}
}

// step begins a step with the sentence that announces it.
func (c *console) step(title string) {
	c.steps++
	fmt.Fprintf(c, "\n%s\n", c.paint(bold, fmt.Sprintf("%d. %s", c.steps, title)))
}

// say adds a sentence to the step.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c, "   "+format+"\n", args...) }

// gap sets off what follows.
func (c *console) gap() { fmt.Fprintln(c) }

// command shows what is run.
func (c *console) command(name string, args []string) {
	fmt.Fprintf(c, "\n   %s\n\n", c.paint(faint, "$ "+name+" "+strings.Join(args, " ")))
}

// checked says what was found to be as it should.
func (c *console) checked(format string, args ...any) {
	fmt.Fprintf(c, "   %s %s\n", c.paint(green, "ok:"), fmt.Sprintf(format, args...))
}
