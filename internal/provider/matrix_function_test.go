package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// functionSamples are values for the parameters of functions, by name.
var functionSamples = map[string]string{
	"schedule":  "daily 08:00-20:00",
	"timezone":  "UTC",
	"timestamp": "2026-11-23T12:00:00Z",
	"from":      "2026-11-23T12:00:00Z",
	"to":        "2026-11-24T12:00:00Z",
}

// Every function returns an unknown value for an unknown argument, and points at an
// argument that is empty. The core refuses null by itself, unless a parameter
// allows it.
func TestEveryParameterInEveryForm(t *testing.T) {
	t.Parallel()
	r := bareRPC(t, newMemory())
	if len(r.schema.Functions) < 3 {
		t.Errorf("got %d functions", len(r.schema.Functions))
	}
	for name, function := range r.schema.Functions {
		base := make([]tftypes.Value, len(function.Parameters))
		for i, parameter := range function.Parameters {
			base[i] = tftypes.NewValue(tftypes.String, functionSamples[parameter.Name])
		}
		if result, problem := r.callFunction(name, base); problem != nil || !result.IsFullyKnown() {
			t.Errorf("%s: got %s, %v", name, result, problem)
		}
		for i, parameter := range function.Parameters {
			for _, f := range formsOf(leaf{path: []string{parameter.Name}, of: parameter.Type}) {
				if f.value.IsNull() && !parameter.AllowNullValue {
					continue
				}
				arguments := slices.Clone(base)
				arguments[i] = f.value
				result, problem := r.callFunction(name, arguments)
				switch {
				case problem == nil && (!f.open || !result.IsKnown()):
				case problem != nil && !f.open && problem.FunctionArgument != nil && *problem.FunctionArgument == int64(i):
					wantHarmless(t, problem.Text)
				default:
					t.Errorf("%s: %s is %s: got %s, %v", name, parameter.Name, f.name, result, problem)
				}
			}
		}
	}
}

func (r *rpc) callFunction(name string, arguments []tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	r.t.Helper()
	function := r.schema.Functions[name]
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, value := range arguments {
		argument, err := tfprotov6.NewDynamicValue(function.Parameters[i].Type, value)
		r.must(err)
		req.Arguments = append(req.Arguments, &argument)
	}
	resp, err := r.server.CallFunction(r.t.Context(), req)
	r.must(err)
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	result, err := resp.Result.Unmarshal(function.Return.Type)
	r.must(err)
	return result, nil
}
