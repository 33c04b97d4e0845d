package volcengine

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// listed is the answer to a page of n instances, all of one name.
func listed(n int, name, token string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = `{"InstanceId":"i-` + strconv.Itoa(i) + `","InstanceName":"` + name + `","Status":"RUNNING"}`
	}
	return result(`{"TotalCount":2000,"NextToken":"` + token + `","Instances":[` + strings.Join(items, ",") + `]}`)
}

func TestListPageRequest(t *testing.T) {
	t.Parallel()
	tags := map[string]string{"env": "prod", "any": ""}
	for name, test := range map[string]struct {
		filter backend.Filter
		cursor string
		want   map[string]string
	}{
		"without a filter":    {backend.Filter{}, "", nil},
		"a cursor is a token": {backend.Filter{}, "all/tok", map[string]string{"NextToken": "tok"}},
		"an exact name is sent": {
			backend.Filter{Name: "web-1"}, "", map[string]string{"InstanceName": "web-1"},
		},
		"of a pattern its beginning is sent": {
			backend.Filter{Name: "web-*-1"}, "", map[string]string{"InstanceName": "web-"},
		},
		"of a pattern without one, nothing is": {backend.Filter{Name: "*-1"}, "", nil},
		"tags with values are sent alone": {
			backend.Filter{Name: "web-1", Tags: tags}, "", map[string]string{
				"TagFilters.1.Key": "env", "TagFilters.1.Values.1": "prod",
			},
		},
		"all instances, once tags are spent": {
			backend.Filter{Name: "web-1", Tags: tags}, "all/", map[string]string{"InstanceName": "web-1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, c := serve(t, always(http.StatusOK, listed(0, "", "")))
			if _, _, err := d.ListPage(t.Context(), test.filter, test.cursor); err != nil {
				t.Fatal(err)
			}
			calls := c.calls()
			if len(calls) != 1 {
				t.Fatalf("got %d calls, want 1", len(calls))
			}
			got := map[string]string{}
			for key := range calls[0] {
				got[key] = calls[0].Get(key)
			}
			want := map[string]string{"Action": "DescribeInstances", "Version": got["Version"], "MaxResults": "100"}
			for key, value := range test.want {
				want[key] = value
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("query (-got +want):\n%s", diff)
			}
		})
	}
}

func TestListPageBeginsAnewWhereTagsShowNoMore(t *testing.T) {
	t.Parallel()
	filter := backend.Filter{Tags: map[string]string{"env": "prod"}}
	for name, test := range map[string]struct {
		cursor string
		n      int
		want   string
	}{
		"fewer than the limit": {"900/tok", 99, ""},
		"the limit":            {"900/tok", 100, "all/"},
		"all instances":        {"all/tok", 100, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := serve(t, always(http.StatusOK, listed(test.n, "x", "")))
			if _, next, err := d.ListPage(t.Context(), filter, test.cursor); err != nil || next != test.want {
				t.Errorf("got the cursor %q, %v, want %q", next, err, test.want)
			}
		})
	}
}

func TestListPageFiltersThePage(t *testing.T) {
	t.Parallel()
	d, _ := serve(t, always(http.StatusOK, listed(1, "my-web-1", "more")))
	page, next, err := d.ListPage(t.Context(), backend.Filter{Name: "web-*"}, "")
	if err != nil || len(page) != 0 || next != "all/more" {
		t.Errorf("got %v, %q, %v, want an empty page that is not the last: the cloud found a part of the name", page, next,
			err)
	}
}

func TestListPageRefusesAnIncompleteAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list":                result(`{}`),
		"an instance of no id":   result(`{"TotalCount":1,"Instances":[{"Status":"RUNNING"}]}`),
		"nothing for an item":    result(`{"TotalCount":1,"Instances":[null]}`),
		"the page that was read": listed(1, "x", "tok"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := serve(t, always(http.StatusOK, body))
			_, _, err := d.ListPage(t.Context(), backend.Filter{}, "all/tok")
			if got := d.Fault(err).Kind; err == nil || got != backend.KindUnavailable {
				t.Errorf("got the error %v of the kind %v, want one that is unavailable", err, got)
			}
		})
	}
}

func TestListPageRefusesAStrangeCursor(t *testing.T) {
	t.Parallel()
	d, c := serve(t, always(http.StatusOK, listed(0, "", "")))
	if _, _, err := d.ListPage(t.Context(), backend.Filter{}, "1"); err == nil || len(c.calls()) != 0 {
		t.Errorf("got the error %v and %d calls, want an error and none", err, len(c.calls()))
	}
}
