package driverkit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// pageOf is a page with instances of these ids, of so many in all.
func pageOf(total int, ids ...string) driverkit.Page {
	page := driverkit.Page{Total: total, Incomplete: func(problem string) error { return errors.New(problem) }}
	for _, id := range ids {
		page.Instances = append(page.Instances, backend.Instance{ID: id})
	}
	return page
}

func idsOf(list []backend.Instance) string {
	var ids []string
	for _, in := range list {
		ids = append(ids, in.ID)
	}
	return strings.Join(ids, " ")
}

func TestDescribeByCount(t *testing.T) {
	t.Parallel()
	const nothingNew = "page 2 has nothing new, with 1 of 2 instances listed"
	for name, test := range map[string]struct {
		ids   string
		pages []driverkit.Page
		want  string
		reads int
		err   string
	}{
		"without ids nothing is read":       {"", nil, "", 0, ""},
		"one page":                          {"a b", []driverkit.Page{pageOf(2, "a", "b")}, "a b", 1, ""},
		"one that is gone":                  {"a b", []driverkit.Page{pageOf(1, "b")}, "b", 1, ""},
		"two pages":                         {"a b", []driverkit.Page{pageOf(2, "a"), pageOf(2, "b")}, "a b", 2, ""},
		"all found, and the cloud has more": {"a", []driverkit.Page{pageOf(9, "a", "x")}, "a", 1, ""},
		"a listing that moves repeats one": {
			"a b c", []driverkit.Page{pageOf(3, "a", "b"), pageOf(3, "b", "c")}, "a b c", 2, "",
		},
		"a page that is empty before the end": {"a b", []driverkit.Page{pageOf(2, "a"), pageOf(2)}, "", 2, nothingNew},
		"a page that was there already":       {"a b", []driverkit.Page{pageOf(2, "a"), pageOf(2, "a")}, "", 2, nothingNew},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reads, before := 0, 0
			got, err := driverkit.DescribeByCount(strings.Fields(test.ids), func(number, listed int) (driverkit.Page, error) {
				page := test.pages[reads]
				reads++
				if number != reads || listed != before {
					t.Errorf(
						"read %d asks for page %d after %d instances, want page %d after %d",
						reads,
						number,
						listed,
						reads,
						before,
					)
				}
				before += len(page.Instances)
				return page, nil
			})
			if idsOf(got) != test.want || reads != test.reads || text(err) != test.err {
				t.Errorf("got %q by %d reads and %v, want %q by %d and %q", idsOf(got), reads, err, test.want, test.reads, test.err)
			}
		})
	}
}

// TestDescribeByToken: what is not listed reads as gone, so that a description counts
// only if it is whole.
func TestDescribeByToken(t *testing.T) {
	t.Parallel()
	next := func(page driverkit.Page, token string) driverkit.Page {
		page.Next = token
		return page
	}
	const short = "it ends before all of its instances are listed"
	for name, test := range map[string]struct {
		pages []driverkit.Page
		want  string
		err   string
	}{
		"one page":                        {[]driverkit.Page{pageOf(2, "a", "b")}, "a b", ""},
		"one that is gone":                {[]driverkit.Page{pageOf(1, "b")}, "b", ""},
		"a cloud that does not count":     {[]driverkit.Page{pageOf(0, "b")}, "b", ""},
		"an empty page before the last":   {[]driverkit.Page{next(pageOf(1), "2"), pageOf(1, "a")}, "a", ""},
		"others, and fewer than counted":  {[]driverkit.Page{pageOf(3, "x", "a")}, "", short},
		"all found, and fewer than count": {[]driverkit.Page{pageOf(9, "a", "b")}, "a b", ""},
		"a listing that moves repeats one and leaves out another": {
			[]driverkit.Page{next(pageOf(2, "a"), "2"), pageOf(2, "a")}, "", short,
		},
		"a token that was named already": {
			[]driverkit.Page{next(pageOf(9, "a"), "2"), next(pageOf(9, "x"), "3"), next(pageOf(9, "y"), "2")},
			"",
			"it names a page that was read already",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reads, token := 0, ""
			got, err := driverkit.DescribeByToken([]string{"a", "b"}, func(asked string) (driverkit.Page, error) {
				if asked != token {
					t.Errorf("read %d asks for the page %q, want %q", reads+1, asked, token)
				}
				page := test.pages[reads]
				reads, token = reads+1, page.Next
				return page, nil
			})
			if idsOf(got) != test.want || reads != len(test.pages) || text(err) != test.err {
				t.Errorf("got %q by %d reads and %v, want %q by %d and %q", idsOf(got), reads, err, test.want, len(test.pages),
					test.err)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestADescriptionThatDoesNotEndIsAnError(t *testing.T) {
	t.Parallel()
	for name, describe := range map[string]func(page func() driverkit.Page) error{
		"by count": func(page func() driverkit.Page) error {
			_, err := driverkit.DescribeByCount([]string{"a"}, func(int, int) (driverkit.Page, error) { return page(), nil })
			return err
		},
		"by token": func(page func() driverkit.Page) error {
			_, err := driverkit.DescribeByToken([]string{"a"}, func(string) (driverkit.Page, error) { return page(), nil })
			return err
		},
	} {
		reads := 0
		err := describe(func() driverkit.Page {
			if reads++; reads > 1000 {
				t.Fatalf("%s: it reads on", name)
			}
			page := pageOf(1<<40, fmt.Sprintf("other-%d", reads))
			page.Next = fmt.Sprint(reads)
			return page
		})
		if want := "its pages do not end"; text(err) != want || reads != 100 {
			t.Errorf("%s: got %v after %d reads, want %q after a hundred", name, err, reads, want)
		}
	}
}

func TestListByCountEndsWhateverThePagesHold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size   int
		length int // of each page
		want   []string
	}{
		"instances are counted":             {0, 100, []string{"1 0", "1 100", "1 200"}},
		"instances of short pages":          {0, 120, []string{"1 0", "1 120", "1 240"}},
		"pages are counted":                 {100, 100, []string{"1 0", "2 100", "3 200"}},
		"short pages are not read again":    {100, 1, []string{"1 0", "2 100", "3 200"}},
		"a page with more than it may have": {100, 150, []string{"1 0", "2 100", "3 200"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reads []string
			for cursor, first := "", true; first || cursor != ""; first = false {
				_, next, err := driverkit.ListByCount(
					backend.Filter{},
					cursor,
					test.size,
					func(number, before int) (driverkit.Page, error) {
						if number == 0 {
							number = 1
						}
						reads = append(reads, fmt.Sprint(number, before))
						return pageOf(250, slices.Repeat([]string{"x"}, test.length)...), nil
					},
				)
				if err != nil || len(reads) > 10 {
					t.Fatalf("got the reads %q and %v", reads, err)
				}
				cursor = next
			}
			if !slices.Equal(reads, test.want) {
				t.Errorf("got the pages %q, want %q", reads, test.want)
			}
		})
	}
}
