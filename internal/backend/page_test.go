package backend_test

import (
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestPosition(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cursor      string
		read, total int
		want        string
	}{
		"the first of several pages":          {"", 100, 250, "100/250"},
		"a page in the middle":                {"100/250", 100, 250, "200/250"},
		"the last page":                       {"200/250", 50, 250, ""},
		"a last page that is full":            {"100/200", 100, 200, ""},
		"an empty account":                    {"", 0, 0, ""},
		"more than before goes on":            {"100/250", 100, 251, "200/251"},
		"fewer than before goes back":         {"100/250", 100, 247, "97/247"},
		"fewer and at the end goes back too":  {"200/201", 0, 200, "199/200"},
		"fewer than were read goes to zero":   {"100/250", 0, 40, "0/40"},
		"all gone ends":                       {"100/250", 0, 0, ""},
		"the second read after going back":    {"199/200", 1, 200, ""},
		"fewer on the first page is no loss":  {"", 100, 150, "100/150"},
		"going back by more than the offset":  {"100/450", 100, 300, "0/300"},
		"the end is the end of what is there": {"100/150", 49, 149, "99/149"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := backend.ParsePosition(test.cursor)
			if err != nil {
				t.Fatal(err)
			}
			if got := at.Next(test.read, test.total); got != test.want {
				t.Errorf("the cursor after %q is %q, want %q", test.cursor, got, test.want)
			}
		})
	}
	for _, cursor := range []string{"1", "a/1", "1/b", "-1/5", "5/-1", "/", "token"} {
		if at, err := backend.ParsePosition(cursor); err == nil {
			t.Errorf("%q passes for the cursor %+v", cursor, at)
		}
	}
}

func TestTagSearch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cursor string
		shown  int
		token  string
		want   string
	}{
		"the first of several pages":         {"", 100, "t1", "100/t1"},
		"the shown are counted":              {"900/t9", 99, "t10", "999/t10"},
		"the end, with fewer than the most":  {"900/t9", 99, "", ""},
		"the end, with the most":             {"900/t9", 100, "", "all/"},
		"all instances, the first page":      {"all/", 100, "t1", "all/t1"},
		"all instances are not counted":      {"all/t30", 100, "t31", "all/t31"},
		"all instances, the end":             {"all/t31", 100, "", ""},
		"a token with a slash":               {"all/a/b", 1, "c/d", "all/c/d"},
		"an empty page that is not the last": {"", 0, "t1", "0/t1"},
		"an empty listing":                   {"", 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, err := backend.ParseTagSearch(test.cursor)
			if err != nil {
				t.Fatal(err)
			}
			if got := at.Next(test.shown, test.token, 1000); got != test.want {
				t.Errorf("the cursor after %q is %q, want %q", test.cursor, got, test.want)
			}
		})
	}
	for _, cursor := range []string{"all", "5", "5/", "-1/t", "x/t"} {
		if at, err := backend.ParseTagSearch(cursor); err == nil {
			t.Errorf("%q passes for the cursor %+v", cursor, at)
		}
	}
}
