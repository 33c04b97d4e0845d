package simulator

// Keep lets a wire remember something of its own about the cloud, such as the
// answer that belongs to a client token. A Reset of the cloud forgets it.
func (tx *Tx) Keep(key string, value any) {
	if tx.cloud.memory == nil {
		tx.cloud.memory = map[string]any{}
	}
	tx.cloud.memory[key] = value
}

// Kept returns what Keep was given last under the key.
func (tx *Tx) Kept(key string) (any, bool) {
	value, ok := tx.cloud.memory[key]
	return value, ok
}
