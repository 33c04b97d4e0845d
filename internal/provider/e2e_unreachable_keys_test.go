package provider

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// keyRows are met by clouds that get their keys from a service: for a role that is
// assumed, for the token of a run, and for the role of the machine.
func keyRows(t *testing.T) []elsewhere {
	t.Helper()
	services := map[string]simulator.Service{}
	for _, row := range localcloud.Services() {
		if row.Federation.Tokens() {
			services[row.Cloud] = row
		}
	}
	kinds := map[string]func(row simulator.Service, endpoint string) map[string]any{
		"the token service, for a role": func(row simulator.Service, endpoint string) map[string]any {
			n, own := clouds[row.Cloud].account.Names(), maps.Clone(allWired[row.Cloud].config)
			own[n.AssumeRole.Block] = map[string]any{n.AssumeRole.RoleARN.Name: row.Federation.Operator}
			own["sts_endpoint"] = endpoint
			return own
		},
		"the token service, for a token": func(row simulator.Service, endpoint string) map[string]any {
			token, err := row.Federation.Request("apply").Token(testIssuer)
			if err != nil {
				t.Fatal(err)
			}
			own := webIdentity(row, row.Federation.ApplyRole, map[string]any{row.Federation.TokenArgument: token})
			own["region"], own["sts_endpoint"] = row.Region, endpoint
			return own
		},
		"the metadata service": func(row simulator.Service, endpoint string) map[string]any {
			return map[string]any{
				clouds[row.Cloud].account.Names().MachineRole.Name: "machine", "region": row.Region, "metadata_endpoint": endpoint,
			}
		},
	}
	certificate := backendtest.Certificate{
		Hosts: []string{"127.0.0.1"}, From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		To: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	var rows []elsewhere
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		pages := new(atomic.Int64)
		page := serveUntilTheEnd(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			pages.Add(1)
			_, _ = io.WriteString(w, "<html><head><title>Hotel \x1b]0;x\x07login</title></head></html>")
		}))
		unknown := backendtest.ServeTLS(t, certificate, http.NotFoundHandler())
		for _, e := range []elsewhere{
			{name: "no server", endpoint: "http://127.0.0.1:9"},
			{name: "an unknown authority", endpoint: unknown.URL, seen: unknown.Connections, each: 1},
			{name: "a page", endpoint: page, seen: pages, each: 1},
		} {
			e.name = e.name + " in the place of " + kind
			e.block = func(cloudName string) map[string]any {
				row, ok := services[cloudName]
				if !ok {
					return nil
				}
				return kinds[kind](row, e.endpoint)
			}
			rows = append(rows, e)
		}
	}
	return rows
}
