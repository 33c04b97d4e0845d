package backendtest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// TestInputsOfAnotherFormat runs the table through the driver of an invented cloud that
// is as different as can be: it answers in XML, its codes are paths, its ids have dots,
// and it has no SDK. The driver is tables, requests and words, and what it lacks must be
// in package driverkit.
func TestInputsOfAnotherFormat(t *testing.T) {
	t.Parallel()
	backendtest.RunInputs(t, northcloudInputs())
}

func FuzzAnswersOfAnotherFormat(f *testing.F) { backendtest.FuzzAnswers(f, northcloudInputs()) }

func TestARefusedBatchNamesIDsOfAnotherForm(t *testing.T) {
	t.Parallel()
	kit, err := northcloudAPI.Open(driverkit.Keys{}, "fjord-1", driverkit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"vm.aaaa1111", "vm.aaaa1112"}
	refusal := &driverkit.APIError{Code: "server/phase/moving", Message: "vm.aaaa1112 moves."}
	fault := driverkit.Fault(kit.Fail(t.Context(), &driverkit.Exchange{Status: http.StatusConflict}, ids, refusal))
	if fault.Kind != backend.KindBusy || !slices.Equal(fault.IDs, ids[1:]) {
		t.Errorf("got %+v, want a busy instance %s", fault, ids[1])
	}
}

var northcloudAPI = driverkit.API{
	Regional: true,
	Host:     func(region string) (string, error) { return region + ".northcloud.example", nil },
	IsAnswer: func(body []byte) bool { return bytes.HasPrefix(body, []byte("<North>")) },
	Codes: driverkit.Codes{
		Exact:    map[string]driverkit.Entry{"server/absent": {Kind: backend.KindNotFound}},
		Families: map[string]driverkit.Entry{"server/": {Kind: backend.KindBusy}, "rate/": {Kind: backend.KindThrottled}},
	},
}

// northcloud is the driver of the invented cloud.
type northcloud struct {
	kit  *driverkit.Kit
	sign func(req *http.Request, form string)
}

var _ backend.Lister = (*northcloud)(nil)

func newNorthcloud(keys driverkit.Keys, region string, opts driverkit.Options) (*northcloud, error) {
	kit, err := northcloudAPI.Open(keys, region, opts)
	if err != nil {
		return nil, err
	}
	return &northcloud{kit: kit, sign: func(req *http.Request, form string) {
		mac := sha256.Sum256([]byte(string(keys[1].Value) + form))
		req.Header.Set("Authorization", "North "+string(keys[0].Value)+" "+hex.EncodeToString(mac[:]))
		req.Header.Set("X-North-Grant", string(keys[2].Value))
	}}, nil
}

type northAnswer struct {
	XMLName xml.Name `xml:"North"`
	Ticket  string
	Problem *struct{ Code, Text string }
	Servers *struct {
		Total  *int
		Server []*northServer
	}
}

type northServer struct {
	ID, Name, Phase string
	Label           []northLabel
}

type northLabel struct{ Key, Value string }

var northStates = driverkit.States{"AFLOAT": {State: backend.Running}, "ASHORE": {State: backend.Stopped}}

func (d *northcloud) Fault(err error) backend.Fault { return driverkit.Fault(err) }

func (d *northcloud) BatchSize() int { return 50 }

func (d *northcloud) Capabilities() backend.Capabilities {
	return backend.Capabilities{ReadsPerSecond: 1, WritesPerSecond: 1}
}

func (d *northcloud) Describe(ctx context.Context, ids []string) ([]backend.Instance, error) {
	return driverkit.DescribeByCount(ids, func(_, listed int) (driverkit.Page, error) { return d.page(ctx, ids, listed) })
}

func (d *northcloud) ListPage(
	ctx context.Context, filter backend.Filter, cursor string,
) ([]backend.Instance, string, error) {
	return driverkit.ListByCount(filter, cursor, 0, func(_, before int) (driverkit.Page, error) {
		return d.page(ctx, nil, before)
	})
}

func (d *northcloud) page(ctx context.Context, ids []string, before int) (driverkit.Page, error) {
	got, ex, err := d.call(ctx, "Servers", ids, url.Values{"Skip": {strconv.Itoa(before)}})
	if err != nil {
		return driverkit.Page{}, err
	}
	page := driverkit.Page{
		Incomplete: func(problem string) error { return d.kit.Incomplete(ex, got.Ticket, problem) },
	}
	if got.Servers == nil || got.Servers.Total == nil {
		return page, page.Incomplete("it has no list of servers")
	}
	page.Total = *got.Servers.Total
	return driverkit.Fill(page, got.Servers.Server, func(from *northServer) backend.Instance {
		return backend.Instance{
			ID: from.ID, Name: from.Name, Raw: from.Phase, State: northStates[from.Phase].State,
			Tags: driverkit.Tags(from.Label, func(l northLabel) (key, value string, ok bool) { return l.Key, l.Value, true }),
		}
	})
}

func (d *northcloud) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, "Launch", ids, url.Values{})
}

func (d *northcloud) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, "Land", ids, url.Values{"Hard": {strconv.FormatBool(opts.Force == backend.Forced)}})
}

func (d *northcloud) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, "Turn", ids, url.Values{"Hard": {strconv.FormatBool(opts.Force == backend.Forced)}})
}

func (d *northcloud) write(ctx context.Context, action string, ids []string, form url.Values) []backend.Outcome {
	got, _, err := d.call(ctx, action, ids, form)
	if err != nil {
		return driverkit.Alike(ids, err)
	}
	return slices.Repeat([]backend.Outcome{{RequestID: d.kit.Clean(got.Ticket)}}, len(ids))
}

func (d *northcloud) call(
	ctx context.Context, action string, ids []string, form url.Values,
) (*northAnswer, *driverkit.Exchange, error) {
	ctx, ex := driverkit.Record(ctx)
	body, err := d.send(ctx, action, ids, form)
	if err != nil {
		return nil, ex, d.kit.Fail(ctx, ex, ids, err)
	}
	got := new(northAnswer)
	if err := xml.Unmarshal(body, got); err != nil {
		return nil, ex, d.kit.Fail(ctx, ex, ids, err)
	}
	switch {
	case got.Problem != nil:
		return nil, ex, d.kit.Fail(ctx, ex, ids, &driverkit.APIError{
			Code: got.Problem.Code, Message: got.Problem.Text, RequestID: got.Ticket,
		})
	case ex.Status >= http.StatusMultipleChoices:
		return nil, ex, d.kit.Fail(ctx, ex, ids, &driverkit.APIError{RequestID: got.Ticket})
	case got.Ticket == "":
		return nil, ex, d.kit.Incomplete(ex, "", "it has no Ticket")
	}
	return got, ex, nil
}

func (d *northcloud) send(ctx context.Context, action string, ids []string, form url.Values) ([]byte, error) {
	form.Set("Do", action)
	form["Server"] = ids
	encoded := form.Encode()
	req, err := http.NewRequestWithContext(
		ctx, http.MethodPost, d.kit.Endpoint.String()+"/north", strings.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	d.sign(req, encoded)
	return d.kit.Transport.Send(req) //nolint:contextcheck // The request has it.
}

func northcloudInputs() backendtest.Inputs {
	return backendtest.Inputs{
		Open: func(
			keys map[string]driverkit.Secret, region, endpoint string, base http.RoundTripper,
		) (backend.Driver, error) {
			return newNorthcloud(driverkit.Keys{
				{Name: "app_key", Value: keys["app_key"]},
				{Name: "app_secret", Value: keys["app_secret"]},
				{Name: "grant", Value: keys["grant"], Optional: true},
			}, region, driverkit.Options{Endpoint: endpoint, HTTP: base})
		},
		Required: []string{"app_key", "app_secret"}, Token: "grant", Region: "fjord-1", ID: "vm.aaaa1111",
		RefusalStatus: http.StatusConflict,
		NotFound:      "server/absent",
		Refusal: func(code, message, requestID string) string {
			return fmt.Sprintf("<North><Ticket>%s</Ticket><Problem><Code>%s</Code><Text>%s</Text></Problem></North>",
				escaped(requestID), escaped(code), escaped(message))
		},
		Accepted: func(requestID string) string {
			return fmt.Sprintf("<North><Ticket>%s</Ticket></North>", escaped(requestID))
		},
		Listing: func(in backendtest.Listed) string {
			return fmt.Sprintf("<North><Ticket>r</Ticket><Servers><Total>1</Total><Server><ID>%s</ID><Name>%s</Name>"+
				"<Phase>%s</Phase><Label><Key>%s</Key><Value>%s</Value></Label></Server></Servers></North>",
				escaped(in.ID), escaped(in.Name), escaped(in.Status), escaped(in.TagKey), escaped(in.TagValue))
		},
		ContentType: "application/xml",
		WellFormed:  func(body []byte) bool { return xml.Unmarshal(body, new(any)) == nil },
		Carries:     func(text string) bool { return !strings.ContainsFunc(text, notInXML) },
	}
}

// notInXML are the characters that a document cannot have, not even escaped.
func notInXML(r rune) bool { return r < ' ' && !unicode.IsSpace(r) }

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err)
	}
	return b.String()
}
