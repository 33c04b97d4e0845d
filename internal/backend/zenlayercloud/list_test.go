package zenlayercloud

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestListPageRequest(t *testing.T) {
	t.Parallel()
	type fields = map[string]any
	tags := map[string]string{"env": "prod", "any": ""}
	sent := fields{"tags": []any{fields{"key": "env", "value": "prod"}}, "tagKeys": []any{"any"}}
	for name, test := range map[string]struct {
		filter  backend.Filter
		cursor  string
		vm, zec fields
	}{
		"without a filter":                 {backend.Filter{}, "", fields{"pageNum": 1.0}, fields{"pageNum": 1.0}},
		"a cursor is a page":               {backend.Filter{}, "200/250", fields{"pageNum": 3.0}, fields{"pageNum": 3.0}},
		"one in the middle begins earlier": {backend.Filter{}, "199/250", fields{"pageNum": 2.0}, fields{"pageNum": 2.0}},
		"an exact name": {
			backend.Filter{Name: "web-1"},
			"",
			fields{"pageNum": 1.0, "instanceName": "web-1"},
			fields{"pageNum": 1.0, "name": "web-1"},
		},
		"of a pattern its beginning": {
			backend.Filter{Name: "web-*1"},
			"",
			fields{"pageNum": 1.0, "instanceName": "web-*"},
			fields{"pageNum": 1.0, "name": "web-"},
		},
		"of one without, nothing": {backend.Filter{Name: "*1"}, "", fields{"pageNum": 1.0}, fields{"pageNum": 1.0}},
		"tags and keys of tags": {
			backend.Filter{Tags: tags},
			"",
			fields{"pageNum": 1.0, "tags": sent["tags"], "tagKeys": sent["tagKeys"]},
			fields{"pageNum": 1.0, "tags": sent["tags"], "tagKeys": sent["tagKeys"]},
		},
	} {
		for service, want := range map[Service]fields{VM: test.vm, ZEC: test.zec} {
			t.Run(name+", "+string(service), func(t *testing.T) {
				t.Parallel()
				c := answering(t, http.StatusOK, `{"requestId":"r","response":{"requestId":"r","totalCount":0,"dataSet":[]}}`)
				if _, _, err := newDriver(t, service, c).ListPage(t.Context(), test.filter, test.cursor); err != nil {
					t.Fatal(err)
				}
				calls := c.seen()
				if len(calls) != 1 {
					t.Fatalf("got %d requests, want 1", len(calls))
				}
				var got fields
				if err := json.Unmarshal([]byte(calls[0].body), &got); err != nil {
					t.Fatal(err)
				}
				want["pageSize"] = 100.0
				if diff := cmp.Diff(got, want); diff != "" {
					t.Errorf("body (-got +want):\n%s", diff)
				}
			})
		}
	}
}

func TestListPageFiltersThePage(t *testing.T) {
	t.Parallel()
	c := answering(
		t,
		http.StatusOK,
		`{"requestId":"r","response":{"requestId":"r","totalCount":150,"dataSet":[{"instanceId":"1",
		"instanceName":"my-web-1","status":"RUNNING"}]}}`,
	)
	page, next, err := newDriver(t, ZEC, c).ListPage(t.Context(), backend.Filter{Name: "web-*"}, "")
	if err != nil || len(page) != 0 || next != "100/150" {
		t.Errorf("got %v, %q, %v, want an empty page that is not the last: the cloud found a part of the name", page, next,
			err)
	}
}

func TestListPageRefusesAnIncompleteAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no response":           `{"requestId":"r"}`,
		"no count":              `{"requestId":"r","response":{"requestId":"r","dataSet":[]}}`,
		"no list":               `{"requestId":"r","response":{"requestId":"r","totalCount":3}}`,
		"an end before the end": `{"requestId":"r","response":{"requestId":"r","totalCount":3,"dataSet":[]}}`,
		"an instance of no id": `{"requestId":"r","response":{"requestId":"r","totalCount":1,
		"dataSet":[{"status":"RUNNING"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDriver(t, VM, answering(t, http.StatusOK, body))
			_, _, err := d.ListPage(t.Context(), backend.Filter{}, "")
			if got := d.Fault(err).Kind; err == nil || got != backend.KindUnavailable {
				t.Errorf("got the error %v of the kind %v, want one that is unavailable", err, got)
			}
		})
	}
}

func TestListPageRefusesAStrangeCursor(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusOK, `{}`)
	_, _, err := newDriver(t, VM, c).ListPage(t.Context(), backend.Filter{}, "token")
	if err == nil || len(c.seen()) != 0 {
		t.Errorf("got the error %v and %d requests, want an error and none", err, len(c.seen()))
	}
}
