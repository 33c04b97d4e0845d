package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// hostileEstate is a configuration with a provider for each service, whose texts are
// hostile wherever the cloud has one.
type hostileEstate struct {
	config strings.Builder
	// readable and failing are the addresses of what is read and of what fails.
	readable, failing []string
}

// add adds the instances of a service: one whose own texts are hostile, one in a state
// that is no state, one whose stop is refused, and, where the cloud reports the last
// operation of an instance, one with an operation that does not end.
func (e *hostileEstate) add(h *harness, endpoint string) {
	alias := strings.ReplaceAll(h.name, " ", "_")
	fmt.Fprintf(&e.config, `provider "instance" {
 alias = %q
 batch_window = "0s"
%s {
%s
 endpoint = %q
}
}
`, alias, h.cloud, h.config, endpoint)
	through := "provider = instance." + alias

	texts := h.seed(func(in *simulator.Instance) {
		in.Name, in.Zone, in.Type = "web "+hostileText, "zone "+hostileText, "type "+hostileText
		in.Tags = map[string]string{"key" + hostileText: hostileText}
	})
	e.config.WriteString(named("texts_"+alias, texts, "running", through))
	fmt.Fprintf(&e.config, "data \"instance_power_state\" %q {\n %s\n instance_id = %q\n}\n", alias, through, texts)
	e.readable = append(e.readable, "instance_power_state.texts_"+alias, "data.instance_power_state."+alias)

	const soon = "timeouts {\n create = \"2s\"\n}"
	odd := h.seed(func(in *simulator.Instance) { in.Status = "ST" + hostileText })
	e.config.WriteString(named("state_"+alias, odd, "stopped", through, soon))

	refused := h.running()
	h.trouble(simulator.Trouble{
		Kind: simulator.Error, Action: "write", InstanceIDs: []string{refused},
		Code: "Odd." + hostileText, Message: "No: " + hostileText, Status: http.StatusConflict,
	})
	e.config.WriteString(named("refused_"+alias, refused, "stopped", through))
	e.failing = append(e.failing, "instance_power_state.state_"+alias, "instance_power_state.refused_"+alias)

	if clouds[h.cloud].zero.Capabilities().OperationReason {
		busy := h.seed(func(in *simulator.Instance) {
			in.LastOperation = simulator.LastOperation{
				Action: "Do " + hostileText, RequestID: "r " + hostileText, State: simulator.Operating,
			}
		})
		e.config.WriteString(named("busy_"+alias, busy, "stopped", through, soon))
		e.failing = append(e.failing, "instance_power_state.busy_"+alias)
	}
}

// TestEndToEndHostileTexts: nothing that a cloud sends reaches the terminal, the log or
// the state as it is. The whole texts are in testdata/hostile.txt; write it anew with
// -update.
func TestEndToEndHostileTexts(t *testing.T) {
	t.Parallel()
	cliPath(t)
	server, err := localcloud.New()
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(withRequestID("id "+hostileText, server.Handler()))
	t.Cleanup(front.Close)
	var estate hostileEstate
	for i, s := range services() {
		// Services of one cloud have no id in common.
		estate.add(&harness{service: s, t: t, server: server, sim: server.Cloud(s.cloud), next: 10 * i}, front.URL)
	}
	log := filepath.Join(t.TempDir(), "log")
	c := newCLI(t, estate.config.String(), "TF_LOG=TRACE", "TF_LOG_PATH="+log)

	o := c.do("apply")
	wantNothingRaw(t, "the output in JSON", o.text)
	var texts strings.Builder
	attributes := c.attributes()
	for _, address := range estate.readable {
		fmt.Fprintf(&texts, "== %s\n", address)
		for _, name := range []string{"instance_name", "zone", "instance_type", "tags"} {
			if value := attributes[address][name]; value != nil {
				fmt.Fprintf(&texts, "%s: %s\n", name, value)
			}
		}
		texts.WriteString("\n")
	}
	for _, address := range estate.failing {
		fmt.Fprintf(&texts, "== %s\n%s\n\n", address, strings.Join(o.errors(address), "\n---\n"))
	}
	wantNothingRaw(t, "the state", fmt.Sprint(attributes))
	wantGolden(t, "hostile.txt", observedFor.ReplaceAllString(texts.String(), "$1 ..."))

	// What a person sees has line breaks of the CLI's own.
	text, err := c.run("apply", "-auto-approve", "-no-color")
	if err == nil {
		t.Errorf("the second apply succeeded:\n%s", text)
	}
	wantNothingRaw(t, "the terminal", text)
	for _, address := range estate.failing {
		for _, want := range o.errors(address) {
			summary, detail, _ := strings.Cut(want, "\n\n")
			detail, _, _ = strings.Cut(detail, ", for ")
			if !says(summary).MatchString(text) || !says(detail).MatchString(text) {
				t.Errorf("the terminal does not show the error of %s:\n%s", address, text)
			}
		}
	}

	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	wantNothingRaw(t, "the log", strings.ReplaceAll(string(logged), "\t", " "))
	if !strings.Contains(string(logged), `\u202e`) {
		t.Error("no hostile text is in the log: the test does not see what it is about")
	}
}

// observedFor is how long a state lasted, which depends on the machine.
var observedFor = regexp.MustCompile(`(, for) \d+s`)

// withRequestID puts a request id of the test's own into each answer.
func withRequestID(id string, below http.Handler) http.Handler {
	field := regexp.MustCompile(`("[Rr]equestId":\s*)"[^"]*"`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		below.ServeHTTP(answer, r)
		encoded, err := json.Marshal(id)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body := field.ReplaceAllFunc(answer.Body.Bytes(), func(found []byte) []byte {
			return append(field.FindSubmatch(found)[1], encoded...)
		})
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// TestEndToEndHostileRegion: a region that is no region ends a plan before anything is
// sent, and is shown with its escapes.
func TestEndToEndHostileRegion(t *testing.T) {
	t.Parallel()
	cliPath(t)
	server, requests := serveCounted(t, http.NotFoundHandler())
	e := elsewhere{endpoint: server}
	config := e.configuration("row0")
	for _, cloudName := range cloudNames(clouds) {
		config = strings.ReplaceAll(config, fmt.Sprintf(" cloud = %q\n", cloudName),
			fmt.Sprintf(" cloud = %q\n region = \"cn-%s\"\n", cloudName, inHCL(hostileText)))
	}
	o := newCLI(t, config).do("plan")
	wantNothingRaw(t, "the output", o.text)
	if o.took > time.Minute || requests.Load() != 0 {
		t.Errorf("the plan took %v and made %d connections, want none", o.took, requests.Load())
	}
	var texts strings.Builder
	for _, kind := range readsElsewhere {
		for _, cloudName := range cloudNames(clouds) {
			address := kind + ".row0_" + cloudName
			fmt.Fprintf(&texts, "== %s\n%s\n\n", address, strings.Join(o.errors(address), "\n---\n"))
		}
	}
	wantGolden(t, "hostile_region.txt", texts.String())
}

// inHCL writes a text as it stands between quotes in HCL, in ASCII.
func inHCL(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' || r > '~' {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
