// Where the processes of a job meet: a server of the launcher on each host, of which each process
// learns from its environment. Variables outlive the launcher that set them; these look whether it
// still listens. Nobody is connected to: that would be a word in a conversation of others.
#pragma once

namespace shardpipe {

// PMIx: Open MPI's mpirun, srun --mpi=pmix. True, too, where it cannot be told.
bool pmix_server_is_there();

// PMI: MPICH's mpirun, srun --mpi=pmi2.
bool pmi_server_is_there();

}  // namespace shardpipe
