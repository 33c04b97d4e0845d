package volcengine

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// outcome is what a client token stands for: the call that used it first, and
// what came of it.
type outcome struct {
	call    string
	result  map[string]any
	refusal *simulator.Refusal
}

func tokenKey(req *simulator.Request, p *parameters) string {
	return "volcengine client token " + req.Call.Region + " " + p.clientToken
}

func fingerprint(req *simulator.Request, p *parameters) string {
	return req.Call.Action + "\n" + p.fingerprint
}

// replay answers a call whose client token was used before: as the first time
// and without a second effect, or with an error if it is another call
// (https://www.volcengine.com/docs/6396/101067, ClientToken).
func (w *Wire) replay(req *simulator.Request, tx *simulator.Tx, p *parameters) (simulator.Answer, bool) {
	if p.clientToken == "" || tx.Setting(ClientTokens) == Ignored {
		return simulator.Answer{}, false
	}
	kept, ok := tx.Kept(tokenKey(req, p))
	if !ok {
		return simulator.Answer{}, false
	}
	first, ok := kept.(outcome)
	switch {
	case !ok:
		return simulator.Answer{}, false
	case first.call != fingerprint(req, p):
		return w.Refuse(req,
			*refuse("IdempotentParameterMismatch", "The ClientToken %s was used with other parameters.", p.clientToken)), true
	case first.refusal != nil:
		return w.Refuse(req, *first.refusal), true
	default:
		return success(req, first.result), true
	}
}

// remember keeps what came of a call under its client token. A dry run is no
// use of the token.
func remember(req *simulator.Request, tx *simulator.Tx, p *parameters, o outcome) {
	if p.clientToken == "" || p.dryRun || tx.Setting(ClientTokens) == Ignored {
		return
	}
	if !req.Call.Effect && tx.Setting(RefusedTokens) == Forgotten {
		return
	}
	o.call = fingerprint(req, p)
	tx.Keep(tokenKey(req, p), o)
}
