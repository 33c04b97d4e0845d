package alicloud

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// listed is the answer to a page of n instances, all of one name.
func listed(n int, name, token string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = `{"InstanceId":"i-` + strconv.Itoa(i) + `","InstanceName":"` + name + `","Status":"Running"}`
	}
	return `{"RequestId":"REQ","NextToken":"` + token + `","Instances":{"Instance":[` + strings.Join(items, ",") + `]}}`
}

func lists(body string) answerFunc {
	return func(w http.ResponseWriter, _ received, _ int) { write(w, http.StatusOK, body) }
}

func TestListPageRequest(t *testing.T) {
	t.Parallel()
	page := func(more map[string]string) map[string]string {
		query := map[string]string{"RegionId": testRegion, "MaxResults": "100"}
		for key, value := range more {
			query[key] = value
		}
		return query
	}
	tags := map[string]string{"env": "prod", "tier": "web", "any": ""}
	byTags := map[string]string{"Tag.1.Key": "env", "Tag.1.Value": "prod", "Tag.2.Key": "tier", "Tag.2.Value": "web"}
	for name, test := range map[string]struct {
		filter backend.Filter
		cursor string
		want   map[string]string
	}{
		"without a filter":                {backend.Filter{}, "", nil},
		"a cursor is a token":             {backend.Filter{}, "all/tok", map[string]string{"NextToken": "tok"}},
		"a pattern is sent":               {backend.Filter{Name: "web-*"}, "", map[string]string{"InstanceName": "web-*"}},
		"tags with values are sent alone": {backend.Filter{Name: "web-*", Tags: tags}, "", byTags},
		"all instances, once tags are spent": {
			backend.Filter{Name: "web-*", Tags: tags}, "all/", map[string]string{"InstanceName": "web-*"},
		},
		"a key without a value is not sent": {backend.Filter{Tags: map[string]string{"any": ""}}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, lists(listed(0, "", "")))
			if _, _, err := c.driver(t).ListPage(t.Context(), test.filter, test.cursor); err != nil {
				t.Fatal(err)
			}
			wantQuery(t, c.only(t), actionDescribe, page(test.want))
		})
	}
}

func TestListPageSendsNoMoreTagsThanTheCloudTakes(t *testing.T) {
	t.Parallel()
	tags := map[string]string{}
	for n := range 30 {
		tags[strconv.Itoa(n)] = "v"
	}
	query := map[string]string{}
	addFilter(query, backend.Filter{Tags: tags}, false)
	if got, want := len(query), 2*maxTags; got != want {
		t.Errorf("%d parameters are sent, want %d", got, want)
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
			_, next, err := newCloud(t, lists(listed(test.n, "x", ""))).driver(t).ListPage(t.Context(), filter, test.cursor)
			if err != nil || next != test.want {
				t.Errorf("got the cursor %q, %v, want %q", next, err, test.want)
			}
		})
	}
}

func TestListPageFiltersThePage(t *testing.T) {
	t.Parallel()
	page, next, err := newCloud(t, lists(listed(1, "WEB-1", "more"))).driver(t).ListPage(t.Context(),
		backend.Filter{Name: "web-*"}, "")
	if err != nil || len(page) != 0 || next != "all/more" {
		t.Errorf("got %v, %q, %v, want an empty page that is not the last", page, next, err)
	}
}

func TestListPageRefusesAnIncompleteAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list":                  `{"RequestId":"REQ"}`,
		"a list without its items": `{"RequestId":"REQ","Instances":{}}`,
		"an instance of no id":     `{"RequestId":"REQ","Instances":{"Instance":[{"Status":"Running"}]}}`,
		"the page that was read":   listed(1, "x", "tok"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newCloud(t, lists(body)).driver(t)
			_, _, err := d.ListPage(t.Context(), backend.Filter{}, "all/tok")
			if got := d.Fault(err).Kind; err == nil || got != backend.KindUnavailable {
				t.Errorf("got the error %v of the kind %v, want one that is unavailable", err, got)
			}
		})
	}
}

func TestListPageRefusesAStrangeCursor(t *testing.T) {
	t.Parallel()
	c := newCloud(t, lists(listed(0, "", "")))
	if _, _, err := c.driver(t).ListPage(t.Context(), backend.Filter{}, "1"); err == nil || len(c.requests()) != 0 {
		t.Errorf("got the error %v and %d requests, want an error and none", err, len(c.requests()))
	}
}
