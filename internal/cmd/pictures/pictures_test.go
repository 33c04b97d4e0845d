package main

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var root = filepath.Join("..", "..", "..")

func TestKeptPicturesAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, p := range pictures {
		data, err := os.ReadFile(filepath.Join(root, "templates", "images", p.name+".svg"))
		if err != nil {
			t.Errorf("%v: run \"make pictures\" and commit the result", err)
			continue
		}
		checkSVG(t, p.name, string(data))
	}
}

// Pictures that need no run are kept as they are drawn.
func TestKeptPicturesAreCurrent(t *testing.T) {
	t.Parallel()
	for _, p := range pictures {
		if p.name == "demo" {
			continue // Each run of the demo prints other times and request ids.
		}
		drawn, err := p.draw(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(root, "templates", "images", p.name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(drawn, string(kept)); diff != "" {
			t.Errorf("%s.svg is not up to date: run \"make pictures\" and commit the result (-drawn +kept):\n%s", p.name, diff)
		}
	}
}

func checkSVG(t *testing.T, name, text string) {
	t.Helper()
	if !strings.HasPrefix(text, "<svg ") || !strings.Contains(text, "aria-label=") {
		t.Errorf("%s: this is no drawing with a label", name)
	}
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func TestDrawTerminal(t *testing.T) {
	t.Parallel()
	lines := []record{
		{"\x1b[1mbold\x1b[0m & \x1b[32mgreen\x1b[0m", 0}, {"", time.Second}, {"last <line>", 10 * time.Second},
	}
	drawn := drawTerminal(lines, "label")
	checkSVG(t, "terminal", drawn)
	for _, want := range []string{
		`<tspan class="b">bold</tspan> &amp; <tspan class="g">green</tspan>`, "last &lt;line&gt;",
		// The ten seconds before the last line are shortened to 1.2, the end stays for six.
		"animation: roll 8.2s",
	} {
		if !strings.Contains(drawn, want) {
			t.Errorf("the drawing has no %q:\n%s", want, drawn)
		}
	}
	checkSVG(t, "nothing", drawTerminal(nil, "label"))
}

func TestOffsetShowsTheLastLines(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 0, rows: 0, rows + 1: -lineHeight, rows + 10: -10 * lineHeight} {
		if got := offset(n); got != want {
			t.Errorf("offset(%d): got %d, want %d", n, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", cols)
	got := wrap([]record{{"\x1b[1m" + long + "\x1b[0m", 1}, {long + "end", 2}})
	want := []record{{"\x1b[1m" + long + "\x1b[0m", 1}, {long, 2}, {"end", 2}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	got, err := readLines(strings.NewReader("one\n\ntwo"), clock)
	if err != nil {
		t.Fatal(err)
	}
	want := []record{{"one", time.Second}, {"", 2 * time.Second}, {"two", 3 * time.Second}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestRunRefusesAPictureThatIsNotThere(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), "nothing"); err == nil || !strings.Contains(err.Error(), `there is no picture "nothing"`) {
		t.Errorf("got %v", err)
	}
}

func TestReadBars(t *testing.T) {
	t.Parallel()
	const page = "| empty plan of 20: reads     | at most 3 | 2 | ok | x |\n" +
		"| measure     | zenlayercloud v0.2.28 | alicloud v1.275.0 * | aliyun-cli v3.4.11 |\n| --- |\n" +
		"| empty plan of 20: time, calls  | 0.64 s, 20 | 1.8 s, 200 | - |\n"
	got, err := readBars(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []bar{{"instance (this one)", 2}, {"zenlayercloud", 20}, {"alicloud", 200}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(bar{})); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
	if _, err := readBars("nothing"); err == nil {
		t.Error("a page without figures has bars")
	}
}
