package alicloud

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// message is a request as it came, before anybody asks what it means.
type message struct {
	http  *http.Request
	body  []byte
	query url.Values
	form  url.Values // of a body of type application/x-www-form-urlencoded
}

func read(req *simulator.Request) *message {
	m := &message{http: req.HTTP, body: req.Body, query: req.HTTP.URL.Query()}
	media, _, err := mime.ParseMediaType(req.HTTP.Header.Get("Content-Type"))
	if err == nil && media == "application/x-www-form-urlencoded" {
		if form, err := url.ParseQuery(string(req.Body)); err == nil {
			m.form = form
		}
	}
	return m
}

// get returns a parameter, from the query or else from the form.
func (m *message) get(name string) string {
	if m.query.Has(name) {
		return m.query.Get(name)
	}
	return m.form.Get(name)
}

// has reports whether there is such a parameter.
func (m *message) has(name string) bool { return m.query.Has(name) || m.form.Has(name) }

// names returns the names of all parameters, sorted.
func (m *message) names() []string {
	all := slices.Concat(slices.Collect(maps.Keys(m.query)), slices.Collect(maps.Keys(m.form)))
	slices.Sort(all)
	return slices.Compact(all)
}

// common returns a common parameter, from its header in the newer form of a
// request or from its parameter in the older.
func (m *message) common(header, parameter string) string {
	if v := m.http.Header.Get(header); v != "" {
		return v
	}
	return m.get(parameter)
}

// acs3 reports whether the request is signed in its headers.
func (m *message) acs3() bool { return m.http.Header.Get("Authorization") != "" }

// wantsXML reports the form of the answer. A request that is signed in its
// query gets XML unless it says Format=JSON
// (https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism).
func (m *message) wantsXML() bool {
	switch format := m.get("Format"); {
	case strings.EqualFold(format, "JSON"):
		return false
	case strings.EqualFold(format, "XML"):
		return true
	case m.acs3() || m.http.Header.Get("X-Acs-Action") != "":
		return strings.HasSuffix(m.http.Header.Get("Accept"), "/xml")
	default:
		return true
	}
}

// answer encodes a value as the request wants it.
func answer(req *simulator.Request, status int, root string, v map[string]any) simulator.Answer {
	if !parametersOf(req).message.wantsXML() {
		a := simulator.JSON(status, v)
		a.Header.Set("Content-Type", "application/json;charset=utf-8")
		return a
	}
	body, err := encodeXML(root, v)
	if err != nil {
		return simulator.Answer{Status: http.StatusInternalServerError, Body: []byte(err.Error()), Code: "simulator.XML"}
	}
	// The vendor's SDK compares the content type with this very text.
	return simulator.Answer{Status: status, Header: http.Header{"Content-Type": {"text/xml;charset=utf-8"}}, Body: body}
}

// encodeXML writes the XML form of a value that has a JSON form: a list is its
// element repeated, which is why every list is in an object of its own in JSON.
func encodeXML(root string, v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return nil, err
	}
	var out strings.Builder
	out.WriteString("<?xml version='1.0' encoding='UTF-8'?>")
	writeXML(&out, root, plain)
	return []byte(out.String()), nil
}

func writeXML(out *strings.Builder, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		out.WriteString("<" + name + ">")
		for _, key := range slices.Sorted(maps.Keys(v)) {
			writeXML(out, key, v[key])
		}
		out.WriteString("</" + name + ">")
	case []any:
		for _, item := range v {
			writeXML(out, name, item)
		}
	case nil:
		out.WriteString("<" + name + "/>")
	default:
		out.WriteString("<" + name + ">" + escapeXML(fmt.Sprint(v)) + "</" + name + ">")
	}
}

// escapeXML writes text as XML has it. A character that XML does not have, such as
// most control characters, becomes the one for what cannot be shown.
func escapeXML(s string) string {
	var out strings.Builder
	// A strings.Builder never fails to be written to.
	_ = xml.EscapeText(&out, []byte(s))
	return out.String()
}
