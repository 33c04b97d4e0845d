package provider

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// TestEndToEndUnreachable: where something else than the API is at the endpoint, a
// plan of the CLI ends long before any time limit.
func TestEndToEndUnreachable(t *testing.T) {
	cliPath(t)
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	certificate := backendtest.Certificate{Hosts: []string{"127.0.0.1"}, From: year(2020), To: year(2120)}
	unknown := backendtest.ServeTLS(t, certificate, http.NotFoundHandler())
	portal := serveUntilTheEnd(t, http.HandlerFunc(func(h http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(h, "<html><head><title>Hotel \x1b]0;x\x07login</title></head></html>")
	}))
	eachService(t, func(t *testing.T, h *harness) {
		for name, row := range map[string]struct{ endpoint, happened, advice string }{
			"an unknown authority": {
				unknown.URL, "the certificate of HOST is from an authority that this machine does not know.",
				"Add the authority's certificate to those that this machine trusts (SSL_CERT_FILE names a file of them), " +
					"for example that of a proxy that inspects TLS, or correct `endpoint`.",
			},
			"a login page": {
				portal, `the answer is not from the API (HTTP status 200, "Hotel \x1b]0;x\x07login").`,
				"A page comes in the place of the API's answer, such as the login page of a network: " +
					"log in to it, or check `endpoint` and proxies.",
			},
			"plain HTTP on a port of TLS": {
				strings.Replace(portal, "http://", "https://", 1), "HOST does not speak TLS.",
				"Check the port of `endpoint`; https needs a port that speaks TLS. " +
					"A proxy or a login page in between may answer in its place.",
			},
		} {
			id := h.running()
			c := h.here(fmt.Sprintf("provider \"instance\" {\n%s {\n%s\n endpoint = %q\n}\n}\n%s",
				h.cloud, h.config, row.endpoint, power(id, "stopped")))
			o := c.do("plan")
			_, host, _ := strings.Cut(row.endpoint, "://")
			want := fmt.Sprintf(
				"%s\n\nThe cloud could not be reached: %s\n\n  Cloud:       %s\n  Wanted:      stopped\n\n%s",
				summary(&powerstate.Error{InstanceID: id, Op: backend.OpStop}),
				strings.ReplaceAll(row.happened, "HOST", host), allWired[h.cloud].place(h.cloud), row.advice,
			)
			if diff := cmp.Diff(strings.Join(o.errors(web), "\n---\n"), want); diff != "" {
				t.Errorf("%s: error (-got +want):\n%s", name, diff)
			}
			// The CLI itself may take its time on a busy machine.
			if most := 4 * soon; o.took > most {
				t.Errorf("%s: the plan took %v, want at most %v", name, o.took, most)
			}
		}
	})
}

// TestEndToEndHostileTexts: nothing that a cloud sends reaches the terminal or the
// state as it is.
func TestEndToEndHostileTexts(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.seed(func(in *simulator.Instance) {
			in.Name, in.Tags = "web "+hostileText, map[string]string{"key" + hostileText: hostileText}
		})
		c := h.here(h.apart(power(id, "running")))
		c.do("apply").succeeded(t)
		if got, want := c.attributes()[web]["instance_name"], "web "+shownText; got != want {
			t.Errorf("the name in the state is %q, want %q", got, want)
		}
		h.trouble(simulator.Trouble{
			Kind: simulator.Error, Code: "Odd." + hostileText, Message: "No: " + hostileText, Status: http.StatusConflict,
		})
		o := c.do("plan")
		texts := o.errors(web)
		if len(texts) != 1 || !strings.Contains(texts[0], "The cloud answered: No: "+shownText+".\n") ||
			!strings.Contains(texts[0], "  Code:        Odd."+shownText+"\n") {
			t.Errorf("got the errors %q, want one with %q", texts, shownText)
		}
		wantNothingRaw(t, "the error", strings.Join(texts, ""))
	})
}
