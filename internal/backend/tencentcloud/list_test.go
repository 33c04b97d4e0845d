package tencentcloud

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// listed is the answer to a page with one instance.
func listed(id, name string, total string) string {
	return `{"Response":{"TotalCount":` + total + `,"InstanceSet":[{"InstanceId":"` + id + `",
	"InstanceName":"` + name + `","InstanceState":"RUNNING"}],"RequestId":"r"}}`
}

func TestListPageRequest(t *testing.T) {
	t.Parallel()
	type filter = map[string]any
	for name, test := range map[string]struct {
		filter backend.Filter
		cursor string
		want   map[string]any
	}{
		"without a filter it asks for the first hundred": {
			backend.Filter{}, "", map[string]any{"Limit": 100.0, "Offset": 0.0},
		},
		"a cursor is an offset": {
			backend.Filter{}, "200/250", map[string]any{"Limit": 100.0, "Offset": 200.0},
		},
		"an exact name is sent": {
			backend.Filter{Name: "web-1"}, "", map[string]any{"Limit": 100.0, "Offset": 0.0, "Filters": []any{
				filter{"Name": "instance-name", "Values": []any{"web-1"}},
			}},
		},
		"a pattern is not": {
			backend.Filter{Name: "web-*"}, "", map[string]any{"Limit": 100.0, "Offset": 0.0},
		},
		"tags are sent by key and value, and one by its key alone": {
			backend.Filter{Tags: map[string]string{"env": "prod", "a": "", "b": ""}},
			"",
			map[string]any{"Limit": 100.0, "Offset": 0.0, "Filters": []any{
				filter{"Name": "tag-key", "Values": []any{"a"}}, filter{"Name": "tag:env", "Values": []any{"prod"}},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, `{"Response":{"TotalCount":0,"InstanceSet":[],"RequestId":"r"}}`))
			if _, _, err := f.driver(t).ListPage(t.Context(), test.filter, test.cursor); err != nil {
				t.Fatal(err)
			}
			call := f.only(t)
			var got map[string]any
			if err := json.Unmarshal([]byte(call.Body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" || call.Action != "DescribeInstances" {
				t.Errorf("%s (-got +want):\n%s", call.Action, diff)
			}
		})
	}
}

func TestListPageSendsNoMoreFiltersThanTheCloudTakes(t *testing.T) {
	t.Parallel()
	tags := map[string]string{"any": ""}
	for _, key := range "abcdefghijklmnop" {
		tags[string(key)] = "v"
	}
	req := cvm.NewDescribeInstancesRequest()
	addFilter(req, backend.Filter{Name: "web", Tags: tags})
	if got, want := len(req.Filters), maxFilters; got != want {
		t.Errorf("%d filters are sent, want %d", got, want)
	}
}

func TestListPageFiltersThePage(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, listed(id1, "web-1x", "150")))
	page, next, err := f.driver(t).ListPage(t.Context(), backend.Filter{Name: "web-1"}, "")
	if err != nil || len(page) != 0 || next != "1/150" {
		t.Errorf("got %v, %q, %v, want an empty page that is not the last: the cloud found a part of the name", page, next,
			err)
	}
}

func TestListPageGoesBackWhenTheListingShrinks(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, listed(id1, "web-1", "198")))
	_, next, err := f.driver(t).ListPage(t.Context(), backend.Filter{}, "100/200")
	if err != nil || next != "98/198" {
		t.Errorf("got the cursor %q, %v, want 98/198: two are gone, so that two were passed over", next, err)
	}
}

func TestListPageRefusesAnIncompleteAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list":               `{"Response":{"TotalCount":1,"RequestId":"r"}}`,
		"no count":              `{"Response":{"InstanceSet":[],"RequestId":"r"}}`,
		"an end before the end": `{"Response":{"TotalCount":5,"InstanceSet":[],"RequestId":"r"}}`,
		"an instance of no id":  `{"Response":{"TotalCount":1,"InstanceSet":[{"InstanceName":"x"}],"RequestId":"r"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusOK, body))
			d := f.driver(t)
			_, _, err := d.ListPage(t.Context(), backend.Filter{}, "")
			if got := d.Fault(err).Kind; err == nil || got != backend.KindUnavailable {
				t.Errorf("got the error %v of the kind %v, want one that is unavailable", err, got)
			}
		})
	}
}

func TestListPageRefusesAStrangeCursor(t *testing.T) {
	t.Parallel()
	f := newFake(t, says(http.StatusOK, listed(id1, "x", "1")))
	if _, _, err := f.driver(t).ListPage(t.Context(), backend.Filter{}, "token"); err == nil || len(f.seen()) != 0 {
		t.Errorf("got the error %v and %d requests, want an error and none", err, len(f.seen()))
	}
}
